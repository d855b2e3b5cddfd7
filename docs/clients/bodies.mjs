// What fetch says of a body decides what is stored. Usage: node bodies.mjs http://127.0.0.1:8080
const url = `${process.argv[2]}/kvs/bodies`;
const form = new FormData();
form.set("val", "50% of Q&A");

for (const body of [
  new URLSearchParams({ val: "50% of Q&A" }), // application/x-www-form-urlencoded
  form, // multipart/form-data
  "val=50% of Q&A", // text/plain: the whole body is the value
  new TextEncoder().encode("val=50%25 of Q%26A"), // no Content-Type: read as a form
]) {
  await fetch(url, { method: "PUT", body });
  const { value } = await (await fetch(url)).json();
  console.log(`${body.constructor.name}: ${value}`);
}
await fetch(url, { method: "DELETE" });
