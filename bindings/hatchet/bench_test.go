package hatchet_test

import (
	"context"
	"testing"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/hatchet"
	"github.com/hatchet-js/hatchet-js-worker/bindings/vm"
)

// benchPayload is an assignment with an input of 217 bytes.
const benchPayload = `{"input":{"orderId":"A-17","customer":{"id":4711,"name":"Ada Lovelace","email":"ada@example.com","tags":["new","vip"]},"items":[{"sku":"x-1","quantity":2,"price":9.99},{"sku":"y-2","quantity":1,"price":120}],"total":139.98,"paid":true},"triggered_by":"manual","parents":{},"triggers":{"filter_payload":null},"user_data":null,"overrides":null}`

func benchmark(b *testing.B, source string) {
	b.ReportAllocs()
	v := vm.New(vm.Options{})
	realm := hatchet.Install(v)
	program := goja.MustCompile("bench.js", source, true)
	if err := v.Run(context.Background(), vm.Call{Start: func() (goja.Value, error) { return v.Runtime().RunProgram(program) }}); err != nil {
		b.Fatal(err)
	}
	realm.Freeze()
	inv := &hatchet.Invocation{Action: "t:t", WorkflowRunID: "r", TaskRunID: "t", Payload: []byte(benchPayload), Host: &host{}}
	for b.Loop() {
		if _, err := realm.Invoke(context.Background(), inv); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSyncHandler(b *testing.B) {
	benchmark(b, `workflow.task('t', (input) => ({ id: input.orderId, total: input.total, count: input.items.length }))`)
}

func BenchmarkAsyncHandler(b *testing.B) {
	benchmark(b, `workflow.task('t', async (input, ctx) => { await null; return { id: input.orderId, run: ctx.workflowRunId() } })`)
}

func BenchmarkLogging(b *testing.B) {
	benchmark(b, `workflow.task('t', (input, ctx) => { console.log('one line'); ctx.log('another') })`)
}

func BenchmarkInstall(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		hatchet.Install(vm.New(vm.Options{}))
	}
}
