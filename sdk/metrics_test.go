package sdk_test

import (
	"context"
	"testing"

	"github.com/hatchet-js/hatchet-js-worker/sdk"
)

// What permissions refuse, limits end and durable handlers do otherwise than
// before is counted, and so are the calls to the engine.
func TestMetricsOfWhatGoesWrong(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	p := &probes{T: t, ctx: ctx}
	options := sdk.Options{
		HealthAddress: "127.0.0.1:0",
		Files: sdk.Sources{
			"hatchet-js.json": `{ "limits": { "cpu": "300ms", "output": "1KB" } }`,
			"wrong.js": `workflow.task('denied', () => process.env.SECRET_OF_TEST)
workflow.task('endless', () => { for (;;); })
workflow.task('large', () => 'x'.repeat(4000))
let calls = 0
workflow.durableTask('otherwise', async (input, ctx) => {
  await (calls++ ? ctx.sleepFor('2s') : ctx.sleepFor('1s'))
  await ctx.sleepFor('1s')
})`,
		},
		Observer: func(n sdk.Notice) {
			if h, ok := n.(sdk.HealthListening); ok {
				p.address = h.Address
			}
		},
	}
	err := sdk.WithLocal(ctx, options, func(c *sdk.Client) error {
		for _, name := range []string{"denied", "endless", "large", "otherwise"} {
			run, err := c.RunAndWait(ctx, name, nil, sdk.RunOptions{})
			if err != nil {
				return err
			}
			if run.Status != sdk.StatusFailed {
				t.Errorf("%s: %s", name, run.Status)
			}
		}
		p.shows(
			`hatchet_worker_permission_denied_total\{kind="env"\} 1`, `hatchet_worker_permission_denied_total\{kind="net"\} 0`,
			`hatchet_worker_limit_exceeded_total\{limit="cpu",task="endless",workflow="endless"\} 1`,
			`hatchet_worker_limit_exceeded_total\{limit="output",task="large",workflow="large"\} 1`,
			`hatchet_worker_nondeterminism_total\{task="otherwise",workflow="otherwise"\} 1`,
			`hatchet_worker_task_slot_wait_seconds_count\{task="denied",workflow="denied"\} 1`,
			`hatchet_worker_rpc_duration_seconds_count\{code="OK",method="Dispatcher/Register"\} 1`,
			"hatchet_worker_script_generations_live 1",
		)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
