package urlpattern

// Special tells whether the regular expression of a protocol matches one of the
// schemes that the URL standard treats specially.
type Special func(expression string) (bool, error)

// addressParser splits the pattern of a whole URL into those of its components.
type addressParser struct {
	input    []rune
	tokens   []token
	matches  Special
	result   Parts
	state    Name
	from     int // where the component begins, in tokens
	at       int
	step     int
	depth    int // of braces
	brackets int // of an IPv6 address
	special  bool
}

// States that are no component.
const (
	stateInit      Name = "init"
	stateAuthority Name = "authority"
	stateDone      Name = "done"
)

// Split splits the pattern of a whole URL.
func Split(input string, matches Special) (Parts, error) {
	runes := []rune(input)
	tokens, err := tokenize(runes, true)
	if err != nil {
		return nil, err
	}
	p := &addressParser{input: runes, tokens: tokens, matches: matches, result: Parts{}, state: stateInit}
	for p.state != stateDone {
		p.step = 1
		if err := p.token(); err != nil {
			return nil, err
		}
		p.at += p.step
	}
	if _, ok := p.result[Hostname]; ok {
		p.result.missing(Port, "")
	}
	return p.result, nil
}

func (p *addressParser) token() error {
	switch p.tokens[p.at].kind {
	case tokenEnd:
		p.end()
		return nil
	case tokenOpen:
		p.depth++
		return nil
	case tokenClose:
		if p.depth > 0 {
			p.depth--
		}
	}
	if p.depth > 0 {
		return nil
	}
	return p.advance()
}

func (p *addressParser) end() {
	switch p.state {
	case stateInit: // a relative URL
		p.rewind()
		switch {
		case p.is(0, "#"):
			p.become(Hash, 1)
		case p.query():
			p.become(Search, 1)
		default:
			p.become(Pathname, 0)
		}
	case stateAuthority: // without a user
		p.rewind()
		p.state = Hostname
	default:
		p.become(stateDone, 0)
	}
}

func (p *addressParser) advance() error {
	switch p.state {
	case stateInit:
		if p.is(0, ":") {
			p.rewind()
			p.state = Protocol
		}
	case Protocol:
		if p.is(0, ":") {
			return p.afterProtocol()
		}
	case stateAuthority:
		switch {
		case p.is(0, "@"):
			p.rewind()
			p.state = Username
		case p.is(0, "/"), p.query(), p.is(0, "#"):
			p.rewind()
			p.state = Hostname
		}
	case Username:
		if p.is(0, ":") {
			p.become(Password, 1)
		} else if p.is(0, "@") {
			p.become(Hostname, 1)
		}
	case Password:
		if p.is(0, "@") {
			p.become(Hostname, 1)
		}
	case Hostname:
		p.inHostname()
	default:
		p.boundary()
	}
	return nil
}

func (p *addressParser) inHostname() {
	switch {
	case p.is(0, "["):
		p.brackets++
	case p.is(0, "]"):
		p.brackets--
	case p.is(0, ":") && p.brackets == 0:
		p.become(Port, 1)
	default:
		p.boundary()
	}
}

// boundary goes on to a later component where one begins.
func (p *addressParser) boundary() {
	switch {
	case (p.state == Hostname || p.state == Port) && p.is(0, "/"):
		p.become(Pathname, 0)
	case p.state != Search && p.state != Hash && p.query():
		p.become(Search, 1)
	case p.state != Hash && p.is(0, "#"):
		p.become(Hash, 1)
	}
}

func (p *addressParser) afterProtocol() error {
	protocol, err := compile(p.component(), options{}, canonicalProtocol)
	if err != nil {
		return err
	}
	if p.special, err = p.matches(protocol.Expression); err != nil {
		return err
	}
	switch {
	case p.is(1, "/") && p.is(2, "/"):
		p.become(stateAuthority, 3)
	case p.special:
		p.become(stateAuthority, 1)
	default:
		p.become(Pathname, 1)
	}
	return nil
}

// become ends a component and begins the next, skip tokens later. Those between
// them, if any, are empty.
func (p *addressParser) become(next Name, skip int) {
	if p.state != stateInit && p.state != stateAuthority {
		p.result[p.state] = p.component()
	}
	if p.state != stateInit && next != stateDone {
		order := func(n Name) int { return places[n] }
		if order(p.state) < order(Hostname) && order(next) > order(Hostname) {
			p.result.missing(Hostname, "")
		}
		if order(p.state) < order(Pathname) && order(next) > order(Pathname) {
			path := ""
			if p.special {
				path = "/"
			}
			p.result.missing(Pathname, path)
		}
		if order(p.state) < order(Search) && order(next) > order(Search) {
			p.result.missing(Search, "")
		}
	}
	p.state = next
	p.at += skip
	p.from = p.at
	p.step = 0
}

// places is the order of states; the authority comes before what it consists of.
var places = map[Name]int{
	Protocol: 1, stateAuthority: 2, Username: 3, Password: 4, Hostname: 5, Port: 6, Pathname: 7, Search: 8, Hash: 9,
}

func (p *addressParser) rewind() { p.at, p.step = p.from, 0 }

func (p *addressParser) component() string {
	return string(p.input[p.peek(p.from).index:p.tokens[p.at].index])
}

// peek is the token at an index, the end beyond it.
func (p *addressParser) peek(i int) token { return p.tokens[min(i, len(p.tokens)-1)] }

// is tells whether the token at an offset is a character and no syntax.
func (p *addressParser) is(offset int, char string) bool {
	t := p.peek(p.at + offset)
	return t.value == char && (t.kind == tokenChar || t.kind == tokenEscaped || t.kind == tokenInvalid)
}

// query tells whether a ? begins the query here rather than makes what is before
// it optional.
func (p *addressParser) query() bool {
	if p.is(0, "?") {
		return true
	}
	if p.tokens[p.at].value != "?" {
		return false
	}
	if p.at == 0 {
		return true
	}
	switch p.tokens[p.at-1].kind {
	case tokenName, tokenRegexp, tokenClose, tokenAsterisk:
		return false
	}
	return true
}
