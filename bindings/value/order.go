package value

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
)

// orderedDepth is how deep objects are put in order; what is deeper stays as it
// is, so that the work stays in proportion to the text.
const orderedDepth = 64

// Ordered gives a JSON text with the keys of its objects in the order in which a
// Hatchet server, which keeps such texts in PostgreSQL's jsonb, gives them back:
// the shorter key first, then by bytes. A durable task that is run again may be
// given its input in that order though it had another before, and what it makes
// of that, such as the input of a child run, must be the same, byte for byte
// (hatchet-protocol.md section 8.3). A text that is no JSON is given back as it
// is. Numbers and strings stay as they are written.
func Ordered(text []byte) []byte {
	if !json.Valid(text) {
		return text
	}
	o := orderer{in: text, out: make([]byte, 0, len(text))}
	o.value(0)
	return o.out
}

// orderer copies a valid text, without white space, to out.
type orderer struct {
	in, out []byte
	at      int
}

// member is one of an object: its key, and where it is in out.
type member struct {
	key        string
	begin, end int
}

func (o *orderer) value(depth int) {
	switch o.peek() {
	case '{':
		o.object(depth)
	case '[':
		o.take()
		for o.peek() != ']' {
			o.value(depth + 1)
			if o.peek() == ',' {
				o.take()
			}
		}
		o.take()
	case '"':
		o.text()
	default:
		for o.at < len(o.in) && !bytes.ContainsRune([]byte(" \t\r\n,]}"), rune(o.in[o.at])) {
			o.take()
		}
	}
}

func (o *orderer) object(depth int) {
	o.take()
	var members []member
	for o.peek() != '}' {
		if o.peek() == ',' {
			o.take()
			o.peek()
		}
		m := member{begin: len(o.out)}
		m.key = o.text()
		o.peek()
		o.take() // the colon
		o.value(depth + 1)
		m.end = len(o.out)
		members = append(members, m)
	}
	if depth < orderedDepth && !slices.IsSortedFunc(members, member.compare) {
		o.arrange(members)
	}
	o.take() // the bracket
}

// arrange puts the members at the end of out in order. Of those with one key the
// last stays the last: it counts.
func (o *orderer) arrange(members []member) {
	begin := members[0].begin
	written := bytes.Clone(o.out[begin:])
	slices.SortStableFunc(members, member.compare)
	o.out = o.out[:begin]
	for i, m := range members {
		if i > 0 {
			o.out = append(o.out, ',')
		}
		o.out = append(o.out, written[m.begin-begin:m.end-begin]...)
	}
}

func (m member) compare(other member) int {
	return cmp.Or(cmp.Compare(len(m.key), len(other.key)), cmp.Compare(m.key, other.key))
}

// text copies a string and gives what it says.
func (o *orderer) text() (says string) {
	o.peek()
	begin := o.at
	for o.at++; o.in[o.at] != '"'; o.at++ {
		if o.in[o.at] == '\\' {
			o.at++
		}
	}
	o.at++
	o.out = append(o.out, o.in[begin:o.at]...)
	_ = json.Unmarshal(o.in[begin:o.at], &says) // it is valid
	return says
}

// peek gives the next byte that is no white space.
func (o *orderer) peek() byte {
	for bytes.IndexByte([]byte(" \t\r\n"), o.in[o.at]) >= 0 {
		o.at++
	}
	return o.in[o.at]
}

func (o *orderer) take() {
	o.out = append(o.out, o.in[o.at])
	o.at++
}
