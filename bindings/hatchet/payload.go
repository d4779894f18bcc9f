package hatchet

import (
	"bytes"
	"slices"

	"github.com/dop251/goja"
)

// payload is the JSON object of an assignment (hatchet-protocol.md section
// 4.1). Its members become values when they are asked for: a handler that takes
// its input pays for nothing else, large outputs of its parents above all.
type payload struct {
	realm *Realm
	text  []byte
	known []payloadMember
}

// payloadMember is one that was asked for.
type payloadMember struct {
	name  string
	value goja.Value
}

// get gives a member as a value; undefined if it is not there.
func (p *payload) get(name string) (goja.Value, error) {
	for _, m := range p.known {
		if m.name == name {
			return m.value, nil
		}
	}
	v, err := p.decode(name)
	if err != nil {
		return nil, err
	}
	p.known = append(p.known, payloadMember{name, v})
	return v, nil
}

func (p *payload) decode(name string) (goja.Value, error) {
	text, found, plain := memberText(p.text, name)
	switch {
	case !plain: // the decoder says what is wrong, or copes
		whole, err := p.realm.decoder.Decode(p.text)
		if err != nil {
			return nil, err
		}
		if object, ok := whole.(*goja.Object); ok {
			if v := object.Get(name); v != nil {
				return v, nil
			}
		}
	case found:
		return p.realm.decoder.Decode(text)
	}
	return goja.Undefined(), nil
}

// object is a member that is an object; an empty one if it is not.
func (p *payload) object(name string) *goja.Object {
	member, err := p.get(name)
	if err != nil {
		p.realm.throw(err)
	}
	object, ok := member.(*goja.Object)
	if !ok {
		object = p.realm.rt.NewObject()
		i := slices.IndexFunc(p.known, func(m payloadMember) bool { return m.name == name })
		p.known[i].value = object
	}
	return object
}

// memberText cuts the text of a member out of an object's. plain is false if
// text is no object, or written in a way that takes a real parser. What is
// inside of members is not checked.
func memberText(text []byte, name string) (member []byte, found, plain bool) {
	s := scanner{text: text}
	if !s.take('{') {
		return nil, false, false
	}
	if s.take('}') {
		return nil, false, true
	}
	for {
		key, ok := s.key()
		if !ok || !s.take(':') {
			return nil, false, false
		}
		value, ok := s.value()
		if !ok {
			return nil, false, false
		}
		if string(key) == name {
			member, found = value, true
		}
		if !s.take(',') {
			return member, found, s.take('}')
		}
	}
}

// scanner walks over JSON without understanding it.
type scanner struct {
	text []byte
	at   int
}

func (s *scanner) space() {
	for ; s.at < len(s.text); s.at++ {
		switch s.text[s.at] {
		case ' ', '\t', '\r', '\n':
		default:
			return
		}
	}
}

// take passes over white space and one character.
func (s *scanner) take(c byte) bool {
	s.space()
	if s.at < len(s.text) && s.text[s.at] == c {
		s.at++
		return true
	}
	return false
}

// key reads a name without escapes.
func (s *scanner) key() ([]byte, bool) {
	if !s.take('"') {
		return nil, false
	}
	end := bytes.IndexByte(s.text[s.at:], '"')
	if end < 0 {
		return nil, false
	}
	key := s.text[s.at : s.at+end]
	s.at += end + 1
	return key, bytes.IndexByte(key, '\\') < 0
}

// value passes over a value of any kind and returns its text.
func (s *scanner) value() ([]byte, bool) {
	s.space()
	begin, depth := s.at, 0
	for ; s.at < len(s.text); s.at++ {
		switch s.text[s.at] {
		case '"':
			if !s.quoted() {
				return nil, false
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return s.text[begin:s.at], s.at > begin
			}
			depth--
		case ',':
			if depth == 0 {
				return s.text[begin:s.at], s.at > begin
			}
		}
	}
	return nil, false
}

// quoted passes from the opening quote of a string to its closing one.
func (s *scanner) quoted() bool {
	for s.at++; s.at < len(s.text); s.at++ {
		switch s.text[s.at] {
		case '\\':
			s.at++
		case '"':
			return true
		}
	}
	return false
}
