package urlpattern

import (
	"strings"
)

// Component is what a pattern asks of one part of a URL.
type Component struct {
	Pattern    string  // in its normal form
	Expression string  // the source of a regular expression, for the flag v
	Groups     []Group // of Expression, in order
	HasRegexps bool    // whether a person wrote a regular expression in it
}

// Group is a group of a regular expression.
type Group struct {
	Name string
	// Optional groups that match no character take no part in a match: so says
	// JavaScript, not every engine.
	Optional bool
}

func compile(input string, o options, encode func(string) (string, error)) (Component, error) {
	parts, err := parseParts(input, o, encode)
	if err != nil {
		return Component{}, err
	}
	c := Component{Pattern: patternOf(parts, o)}
	var expression strings.Builder
	expression.WriteByte('^')
	for _, p := range parts {
		expression.WriteString(p.expression(o))
		if p.kind != fixedText {
			c.Groups = append(c.Groups, Group{p.name, p.modifier == "?" && p.prefix == "" && p.suffix == ""})
		}
		c.HasRegexps = c.HasRegexps || p.kind == customRegexp
	}
	expression.WriteByte('$')
	c.Expression = expression.String()
	return c, nil
}

// expression is the part as a regular expression.
func (p part) expression(o options) string {
	if p.kind == fixedText {
		if p.modifier == "" {
			return escapeRegexp(p.value)
		}
		return "(?:" + escapeRegexp(p.value) + ")" + p.modifier
	}
	value := p.value
	switch p.kind {
	case segmentWildcard:
		value = o.segment()
	case fullWildcard:
		value = anything
	}
	prefix, suffix := escapeRegexp(p.prefix), escapeRegexp(p.suffix)
	repeated := p.modifier == "*" || p.modifier == "+"
	switch {
	case prefix == "" && suffix == "" && repeated:
		return "((?:" + value + ")" + p.modifier + ")"
	case prefix == "" && suffix == "":
		return "(" + value + ")" + p.modifier
	case !repeated:
		return "(?:" + prefix + "(" + value + ")" + suffix + ")" + p.modifier
	}
	all := "(?:" + prefix + "((?:" + value + ")(?:" + suffix + prefix + "(?:" + value + "))*)" + suffix + ")"
	if p.modifier == "*" {
		all += "?"
	}
	return all
}

// patternOf writes parts as the shortest pattern that is read as them.
func patternOf(parts []part, o options) string {
	var out strings.Builder
	for i, p := range parts {
		if p.kind == fixedText {
			text := escapePattern(p.value)
			if p.modifier != "" {
				text = "{" + text + "}" + p.modifier
			}
			out.WriteString(text)
			continue
		}
		var previous, next *part
		if i > 0 {
			previous = &parts[i-1]
		}
		if i+1 < len(parts) {
			next = &parts[i+1]
		}
		braces := p.needsBraces(previous, next, o)
		text := escapePattern(p.prefix) + p.matcher(previous, braces, o) + escapePattern(p.suffix)
		if braces {
			text = "{" + text + "}"
		}
		out.WriteString(text + p.modifier)
	}
	return out.String()
}

func (p part) named() bool { return !digit(p.name) }

func digit(text string) bool { return text[0] >= '0' && text[0] <= '9' }

func (p part) needsBraces(previous, next *part, o options) bool {
	if p.suffix != "" || p.prefix != "" && p.prefix != o.prefix {
		return true
	}
	if p.named() && p.kind == segmentWildcard && p.modifier == "" && next != nil && next.prefix == "" && next.suffix == "" {
		// The name would go on.
		if next.kind == fixedText {
			if startsName(next.value) {
				return true
			}
		} else if digit(next.name) {
			return true
		}
	}
	return p.prefix == "" && o.prefix != "" && previous != nil && previous.kind == fixedText && strings.HasSuffix(previous.value, o.prefix)
}

// startsName tells whether a name before text would take its beginning in.
func startsName(text string) bool {
	for _, r := range text {
		return nameRune(r, false)
	}
	return false
}

// matcher writes the name and the regular expression.
func (p part) matcher(previous *part, braces bool, o options) string {
	text := ""
	if p.named() {
		text = ":" + p.name
	}
	switch {
	case p.kind == customRegexp:
		text += "(" + p.value + ")"
	case p.kind == segmentWildcard && !p.named():
		text += "(" + o.segment() + ")"
	case p.kind == segmentWildcard && startsName(p.suffix):
		text += `\`
	case p.kind == fullWildcard && !p.named() && (previous == nil || previous.kind == fixedText || previous.modifier != "" || braces || p.prefix != ""):
		text += "*"
	case p.kind == fullWildcard:
		text += "(" + anything + ")"
	}
	return text
}

func escapeRegexp(text string) string { return escape(text, `.+*?^${}()[]|/\`) }

func escapePattern(text string) string { return escape(text, `+*?:{}()\`) }

func escape(text, special string) string {
	if !strings.ContainsAny(text, special) {
		return text
	}
	var out strings.Builder
	for _, r := range text {
		if strings.ContainsRune(special, r) {
			out.WriteByte('\\')
		}
		out.WriteRune(r)
	}
	return out.String()
}
