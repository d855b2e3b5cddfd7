# put, get and delete with httr. Usage: Rscript kvs.R http://127.0.0.1:8080
library(httr)

base <- commandArgs(trailingOnly = TRUE)[1]

# One request; httr keeps a connection for each host. Where the key does not exist the status is 404.
request <- function(method, key, value = NULL) {
  reply <- VERB(method, paste0(base, "/kvs/", key), body = value,
                accept("application/octet-stream"), content_type("application/octet-stream"))
  if (status_code(reply) < 300) return(reply)
  error <- content(reply, "parsed", "application/json")$error
  if (status_code(reply) == 404 && error == "key does not exist") return(reply)
  if (status_code(reply) == 404 && error == "service is not available") {
    stop(errorCondition(error, class = "service_unavailable"))
  }
  stop(status_code(reply), " ", error)
}

# Stores bytes; says whether they replace a value.
put <- function(key, value) status_code(request("PUT", key, value)) == 200

# The bytes; NULL if the key does not exist.
get_value <- function(key) {
  reply <- request("GET", key)
  if (status_code(reply) == 200) content(reply, "raw")
}

# Says whether the key existed.
delete <- function(key) status_code(request("DELETE", key)) == 200

value <- as.raw(0:255)
say <- function(...) cat(..., "\n", sep = "")
tryCatch({
  say("get: ", if (is.null(get_value("example"))) "key does not exist" else "a value")
  for (i in 1:2) say("put: ", if (put("example", value)) "replaced" else "new")
  got <- get_value("example")
  say("get: ", length(got), " bytes, ", if (identical(got, value)) "unharmed" else "harmed")
  for (i in 1:2) say("delete: ", if (delete("example")) "done" else "key does not exist")
}, service_unavailable = function(condition) {
  say(conditionMessage(condition))
  quit(status = 69)
})
