package core

import (
	"slices"
	"strings"
)

// eventTrigger is one event pattern of a workflow.
type eventTrigger struct {
	workflow *workflow
	index    int // in the definition
	pattern  string
}

// triggerIndex finds the triggers of an event key.
type triggerIndex struct {
	exact map[string][]eventTrigger // patterns without wildcards
	wild  []eventTrigger
	// of are the patterns that a workflow has in here.
	of map[*workflow][]string
}

// remove takes out the triggers of a workflow.
func (x *triggerIndex) remove(w *workflow) {
	mine := func(t eventTrigger) bool { return t.workflow == w }
	for _, pattern := range x.of[w] {
		list, exact := x.exact[pattern]
		if !exact {
			x.wild = slices.DeleteFunc(x.wild, mine)
		} else if list = slices.DeleteFunc(list, mine); len(list) == 0 {
			delete(x.exact, pattern)
		} else {
			x.exact[pattern] = list
		}
	}
	delete(x.of, w)
}

// replace puts in the triggers of a workflow's newest version and takes out
// those of older ones.
func (x *triggerIndex) replace(w *workflow) {
	x.remove(w)
	for i, p := range w.newest.def.EventTriggers {
		t := eventTrigger{workflow: w, index: i, pattern: strings.ReplaceAll(p, "*", "%")}
		if strings.ContainsAny(t.pattern, `%_\`) {
			x.wild = append(x.wild, t)
		} else {
			x.exact[t.pattern] = append(x.exact[t.pattern], t)
		}
		x.of[w] = append(x.of[w], t.pattern)
	}
}

// matching lists the triggers of a key, ordered by workflow and pattern.
func (x *triggerIndex) matching(key string) []eventTrigger {
	out := slices.Clone(x.exact[key])
	for _, t := range x.wild {
		if like(t.pattern, key) {
			out = append(out, t)
		}
	}
	slices.SortStableFunc(out, func(a, b eventTrigger) int {
		if a.workflow != b.workflow {
			return a.workflow.order - b.workflow.order
		}
		return a.index - b.index
	})
	return out
}

// like is the LIKE of SQL: % stands for any run of characters, _ for one
// character, and a backslash takes the meaning of the next one away.
func like(pattern, text string) bool {
	p, s := []rune(pattern), []rune(text)
	backP, backS := -1, 0 // after the last %, and where its run began
	i, j := 0, 0
	for j < len(s) {
		switch {
		case i < len(p) && p[i] == '%':
			i++
			backP, backS = i, j
			continue
		case i < len(p) && p[i] == '_':
			i, j = i+1, j+1
			continue
		case i+1 < len(p) && p[i] == '\\' && p[i+1] == s[j]:
			i, j = i+2, j+1
			continue
		case i < len(p) && p[i] != '\\' && p[i] == s[j]:
			i, j = i+1, j+1
			continue
		case backP < 0:
			return false
		}
		backS++
		i, j = backP, backS
	}
	for i < len(p) && p[i] == '%' {
		i++
	}
	return i == len(p)
}
