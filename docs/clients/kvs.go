// put, get and delete with net/http. Usage: go run kvs.go http://127.0.0.1:8080
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
)

var (
	errNoKey       = errors.New("key does not exist")
	errUnavailable = errors.New("service is not available")
)

// KVS is a service. Its http.Client keeps connections.
type KVS struct {
	base   string
	client http.Client
}

// Put stores a value, and says whether it replaces one.
func (kvs *KVS) Put(key string, value []byte) (bool, error) {
	status, _, err := kvs.send(http.MethodPut, key, value)
	return status == http.StatusOK, err
}

// Get returns a value; the error is errNoKey if the key does not exist.
func (kvs *KVS) Get(key string) ([]byte, error) {
	_, value, err := kvs.send(http.MethodGet, key, nil)
	return value, err
}

// Delete removes a key; the error is errNoKey if it does not exist.
func (kvs *KVS) Delete(key string) error {
	_, _, err := kvs.send(http.MethodDelete, key, nil)
	return err
}

func (kvs *KVS) send(method, key string, value []byte) (int, []byte, error) {
	request, err := http.NewRequest(method, kvs.base+"/kvs/"+key, bytes.NewReader(value))
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("Accept", "application/octet-stream")
	request.Header.Set("Content-Type", "application/octet-stream")
	reply, err := kvs.client.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer reply.Body.Close()
	body, err := io.ReadAll(reply.Body) // to its end, or the connection cannot be used again
	if err != nil || reply.StatusCode < 300 {
		return reply.StatusCode, body, err
	}
	var failure struct{ Error string }
	_ = json.Unmarshal(body, &failure)
	for _, known := range []error{errNoKey, errUnavailable} {
		if reply.StatusCode == http.StatusNotFound && failure.Error == known.Error() {
			return reply.StatusCode, nil, known
		}
	}
	return reply.StatusCode, nil, fmt.Errorf("%s: %s", reply.Status, body)
}

// outcome is what to print of a call: done, unless there was an error.
func outcome(done string, err error) string {
	switch {
	case err == nil:
		return done
	case errors.Is(err, errNoKey):
		return err.Error()
	case errors.Is(err, errUnavailable):
		fmt.Println(err)
		os.Exit(69)
	}
	panic(err)
}

func main() {
	kvs := KVS{base: os.Args[1]}
	value := make([]byte, 256)
	for i := range value {
		value[i] = byte(i)
	}
	_, err := kvs.Get("example")
	fmt.Println("get:", outcome("a value", err))
	for i := 0; i < 2; i++ {
		replaced, err := kvs.Put("example", value)
		fmt.Println("put:", outcome(map[bool]string{false: "new", true: "replaced"}[replaced], err))
	}
	got, err := kvs.Get("example")
	unharmed := map[bool]string{false: "harmed", true: "unharmed"}[bytes.Equal(got, value)]
	fmt.Println("get:", outcome(fmt.Sprintf("%d bytes, %s", len(got), unharmed), err))
	for i := 0; i < 2; i++ {
		fmt.Println("delete:", outcome("done", kvs.Delete("example")))
	}
}
