package bench

import (
	"context"
	"testing"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/hatchet"
	"github.com/hatchet-js/hatchet-js-worker/bindings/value"
	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
)

// payload217 is an input of 217 bytes; handlerSource sums its items.
const (
	payload217    = `{"customer":"c_1042","currency":"EUR","items":[{"sku":"A-17","price":1999,"count":2},{"sku":"B-3","price":450,"count":10},{"sku":"C-99","price":12,"count":1}],"note":"leave at the door","express":true,"weight":3.25}`
	handlerSource = `(input) => { let sum = 0; for (const item of input.items) sum += item.price * item.count; return { ok: true, sum } }`
	startPayload  = `{"input":` + payload217 + `,"triggered_by":"manual","parents":{},"triggers":{"filter_payload":null},"user_data":null,"overrides":null}`
)

// BenchmarkHandlerCall is one assignment through a VM: decode the payload, call
// the handler, encode the output.
func BenchmarkHandlerCall(b *testing.B) {
	var crew vm.Crew // as in a worker
	defer crew.Close()
	v := vm.New(vm.Options{Crew: &crew})
	realm := hatchet.Install(v)
	err := v.Run(context.Background(), vm.Call{Name: "bench.js", Start: func() (goja.Value, error) {
		return v.Runtime().RunString(`workflow.task('sum', ` + handlerSource + `)`)
	}})
	if err != nil {
		b.Fatal(err)
	}
	realm.Freeze()
	inv := &hatchet.Invocation{Action: "sum:sum", TaskName: "sum", Payload: []byte(startPayload)}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := realm.Invoke(context.Background(), inv); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkHandlerPeer is the bare minimum that BenchmarkHandlerCall is held
// against: the same decoder, call and JSON.stringify with no loop, no context
// and nothing to interrupt it.
func BenchmarkHandlerPeer(b *testing.B) {
	rt := goja.New()
	decoder := value.NewDecoder(rt)
	encoder, err := value.NewEncoder(rt)
	if err != nil {
		b.Fatal(err)
	}
	f, err := rt.RunString(handlerSource)
	if err != nil {
		b.Fatal(err)
	}
	handler, _ := goja.AssertFunction(f)
	b.ReportAllocs()
	for b.Loop() {
		input, err := decoder.Decode([]byte(payload217))
		if err != nil {
			b.Fatal(err)
		}
		output, err := handler(goja.Undefined(), input)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := encoder.Encode(output); err != nil {
			b.Fatal(err)
		}
	}
}
