package hatchet

import (
	"bytes"

	"github.com/dop251/goja"
)

// payload is the JSON object of an assignment (hatchet-protocol.md section
// 4.1). Its members become values when they are asked for: a handler that takes
// its input pays for nothing else, large outputs of its parents above all.
type payload struct {
	realm   *Realm
	text    []byte
	members map[string]goja.Value
}

func newPayload(r *Realm, text []byte) *payload {
	return &payload{realm: r, text: text, members: make(map[string]goja.Value, 2)}
}

// get gives a member as a value; undefined if it is not there.
func (p *payload) get(name string) (goja.Value, error) {
	if known := p.members[name]; known != nil {
		return known, nil
	}
	var member goja.Value = goja.Undefined()
	text, found, plain := memberText(p.text, name)
	switch {
	case !plain: // the decoder says what is wrong, or copes
		whole, err := p.realm.decoder.Decode(p.text)
		if err != nil {
			return nil, err
		}
		if object, ok := whole.(*goja.Object); ok {
			if v := object.Get(name); v != nil {
				member = v
			}
		}
	case found:
		decoded, err := p.realm.decoder.Decode(text)
		if err != nil {
			return nil, err
		}
		member = decoded
	}
	p.members[name] = member
	return member, nil
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
		p.members[name] = object
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
	for s.at < len(s.text) && bytes.IndexByte([]byte(" \t\r\n"), s.text[s.at]) >= 0 {
		s.at++
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
