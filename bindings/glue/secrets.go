package glue

import (
	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
)

// secretsModule is hatchet:secrets.
var secretsModule = native.Module{
	Name: "hatchet:secrets",
	Doc: "Secrets, declared in " + permit.ConfigName + ` by where they come from: "secrets": { "STRIPE_KEY": "env:STRIPE_KEY", "TLS_KEY": "file:/run/secrets/tls.key" }. ` +
		"Having declared one is the permission to read it. In logs, errors and traces it shows as ***STRIPE_KEY***.",
	Members: []member{
		{Name: "get", Type: "(name: string): string", Length: 1, Doc: "The secret's value; one that is not declared throws NotCapable.",
			Call: func(h *native.Host, call goja.FunctionCall) goja.Value {
				ctx := h.Context()
				secret, err := permit.From(ctx).Secret(ctx, native.NonEmpty(h.Runtime, call.Argument(0), "secrets.get: the name"))
				if err != nil {
					h.Throw(err)
				}
				return h.Runtime.ToValue(secret)
			}},
	},
	Example: `import secrets from 'hatchet:secrets'

const key = secrets.get('STRIPE_KEY') // declared as "env:STRIPE_KEY"
console.log(key) // -> ***STRIPE_KEY***`,
}
