package web

import (
	_ "embed"
	"runtime"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
)

//go:embed channel.js
var channelSource string

var channels = newModule("channels", channelSource, []string{"MessageChannel", "MessagePort", "BroadcastChannel"}, []native.Member[*Globals]{
	part("events", events), part("messages", messages),
	{Name: "run", Call: (*Globals).runNumber},
})

// runNumber tells the runs of a VM apart; 0 is the loading of a file, which what
// it made outlives.
func (g *Globals) runNumber(goja.FunctionCall) goja.Value {
	run := permit.From(g.host.Context())
	if run.Task().Run == "" {
		return g.rt.ToValue(0)
	}
	if run != g.run {
		g.run = run
		g.runs++
	}
	return g.rt.ToValue(g.runs)
}

// userAgent is what requests and navigator say of the program.
const userAgent = "hatchet-js-worker"

var navigatorMembers = []native.Member[*Globals]{
	{Name: "userAgent", Get: func(g *Globals, _ goja.FunctionCall) goja.Value { return g.rt.ToValue(userAgent) }},
	{Name: "hardwareConcurrency", Get: func(g *Globals, _ goja.FunctionCall) goja.Value { return g.rt.ToValue(runtime.GOMAXPROCS(0)) }},
	{Name: "language", Get: func(g *Globals, _ goja.FunctionCall) goja.Value { return g.rt.ToValue(language) }},
	{Name: "languages", Get: func(g *Globals, _ goja.FunctionCall) goja.Value { return g.texts([]string{language}) }},
}

// language is the one that Intl goes by when none is asked for.
const language = "en-US"
