package sdk

import (
	"fmt"
	"maps"

	"github.com/hatchet-js/hatchet-js-worker/bindings/hatchet"
	"github.com/hatchet-js/hatchet-js-worker/scripts"
)

// settle fills what the options leave open from what scripts ask for with
// hatchet.worker(), and the rest with the defaults. Scripts that ask for
// different things are an error: one of them would have no effect.
func (o Options) settle(s *scripts.Snapshot) (Options, error) {
	var asked *hatchet.WorkerSettings
	for _, file := range s.Files {
		if file.Serving == nil || file.Serving.Worker == nil {
			continue
		}
		settings := file.Serving.Worker
		if asked != nil && !sameSettings(asked, settings) {
			return o, withKind(fmt.Errorf("%s: hatchet.worker() asks for something else than at %s; agree on one place",
				settings.Position, asked.Position), ErrScripts)
		}
		asked = settings
	}
	if asked != nil {
		o = o.adopt(asked)
	}
	if o.Name == "" {
		o.Name = hostName()
	}
	return o, nil
}

func (o Options) adopt(asked *hatchet.WorkerSettings) Options {
	if o.Name == "" {
		o.Name = asked.Name
	}
	if o.Slots == 0 {
		o.Slots = asked.Slots
	}
	if o.DurableSlots == 0 {
		o.DurableSlots = asked.DurableSlots
	}
	slots := maps.Clone(asked.CustomSlots)
	if slots == nil {
		slots = map[string]int{}
	}
	maps.Copy(slots, o.CustomSlots)
	o.CustomSlots = slots
	labels := maps.Clone(asked.Labels)
	if labels == nil {
		labels = map[string]any{}
	}
	maps.Copy(labels, o.Labels)
	o.Labels = labels
	return o
}

func sameSettings(a, b *hatchet.WorkerSettings) bool {
	return a.Name == b.Name && a.Slots == b.Slots && a.DurableSlots == b.DurableSlots &&
		maps.Equal(a.CustomSlots, b.CustomSlots) && maps.Equal(a.Labels, b.Labels)
}
