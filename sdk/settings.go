package sdk

import (
	"fmt"
	"maps"

	"github.com/hatchet-js/hatchet-js-worker/bindings/hatchet"
	"github.com/hatchet-js/hatchet-js-worker/engine/workflow"
	"github.com/hatchet-js/hatchet-js-worker/scripts"
)

// settle fills what the options leave open from what scripts ask for with
// hatchet.worker(), and the rest with the defaults. Scripts that ask for
// different things are an error: one of them would have no effect.
func (o Options) settle(s *scripts.Snapshot) (Options, error) {
	asked, shared := askedOf(s)
	for i, settings := range asked {
		if i > 0 && !sameSettings(asked[0], settings) {
			return o, withKind(fmt.Errorf("%s: hatchet.worker() asks for something else than at %s; agree on one place",
				settings.Position, asked[0].Position), ErrScripts)
		}
	}
	if len(asked) > 0 {
		o = o.adopt(asked[0])
	}
	joined, err := join(shared)
	if err != nil {
		return o, err
	}
	o = o.adopt(joined)
	if o.Name == "" {
		o.Name = hostName()
	}
	return o, nil
}

// askedOf lists what the scripts ask for: workers of their own, and those of the
// TypeScript SDK. A worker that several files import is one; several that a
// file makes at one place, in a loop, are several.
func askedOf(s *scripts.Snapshot) (own, shared []*hatchet.WorkerSettings) {
	first := map[workflow.Position]int{} // the file, from 1, that has the worker made there
	for i, file := range s.Files {
		if file.Serving == nil {
			continue
		}
		for _, settings := range file.Serving.Workers {
			switch {
			case !settings.Shared:
				own = append(own, settings)
			case first[settings.Position] == 0 || first[settings.Position] == i+1:
				first[settings.Position] = i + 1
				shared = append(shared, settings)
			}
		}
	}
	return own, shared
}

// joined says of the files that make several workers of the TypeScript SDK that
// they are one here, which their author may not expect.
func joined(s *scripts.Snapshot) []string {
	var texts []string
	for _, file := range s.Files {
		if file.Serving == nil {
			continue
		}
		var first *hatchet.WorkerSettings
		for _, settings := range file.Serving.Workers {
			switch {
			case !settings.Shared:
			case first == nil:
				first = settings
			case settings.Name != first.Name:
				texts = append(texts, fmt.Sprintf(
					"%s: the worker %q and the worker %q of %s are one here, with the slots and labels of both, and it takes the runs of both; serve them from two files, by two processes, to keep them apart",
					settings.Position, settings.Name, first.Name, first.Position))
			}
		}
	}
	return texts
}

// join makes one worker of those that a program of the TypeScript SDK would
// start: with the slots of all, and all labels. Their name counts if it is one.
func join(workers []*hatchet.WorkerSettings) (*hatchet.WorkerSettings, error) {
	one := &hatchet.WorkerSettings{CustomSlots: map[string]int{}, Labels: map[string]any{}}
	from := map[string]workflow.Position{}
	for i, w := range workers {
		if i == 0 {
			one.Name = w.Name
		} else if one.Name != w.Name {
			one.Name = ""
		}
		one.Slots += w.Slots
		one.DurableSlots += w.DurableSlots
		for kind, units := range w.CustomSlots {
			one.CustomSlots[kind] += units
		}
		for label, value := range w.Labels {
			if other, taken := one.Labels[label]; taken && other != value {
				return nil, withKind(fmt.Errorf(
					"%s: hatchet.worker() asks for the label %s=%v, and at %s for %s=%v: here they are one worker; serve the files by two processes, each with --label",
					w.Position, label, value, from[label], label, other), ErrScripts)
			}
			one.Labels[label], from[label] = value, w.Position
		}
	}
	return one, nil
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
