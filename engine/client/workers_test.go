package client

import (
	"slices"
	"testing"
)

func TestServed(t *testing.T) {
	list := answerWith(200, `{"rows":[
		{"metadata":{"id":"a"},"status":"INACTIVE","actions":["dev_order:pay"]},
		{"metadata":{"id":"b"},"status":"ACTIVE","actions":["dev_other:pay"]},
		{"metadata":{"id":"c"},"status":"ACTIVE"}]}`)
	c, r := restClient(t, Options{Namespace: "dev_"},
		list, answerWith(200, `{"metadata":{"id":"c"},"status":"ACTIVE","actions":["dev_order:pay"]}`),
		list, answerWith(200, `{"metadata":{"id":"c"},"status":"ACTIVE","actions":["dev_orders:pay"]}`))
	for i, want := range []bool{true, false} {
		if got, err := c.Served(within(t), "Order"); err != nil || got != want {
			t.Errorf("call %d: %v, %v", i, got, err)
		}
	}
	if len(r.asked) != 4 || !slices.Contains(r.asked, "/api/v1/workers/c") {
		t.Errorf("asked for %q", r.asked)
	}
}
