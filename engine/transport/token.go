package transport

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// What can be wrong with a token before a server has seen it.
var (
	// ErrNoToken means that no token was given.
	ErrNoToken = errors.New("no API token: set HATCHET_CLIENT_TOKEN to a token of your Hatchet tenant")
	// ErrMalformedToken means that the token is not one of Hatchet's. The token
	// itself is never part of a message.
	ErrMalformedToken = errors.New("malformed API token in HATCHET_CLIENT_TOKEN")
	// ErrExpiredToken means that the token's time is over.
	ErrExpiredToken = errors.New("expired API token in HATCHET_CLIENT_TOKEN")
)

// Claims is what a token says about itself (hatchet-protocol.md section 1.2).
// Nothing of it is verified; that is the server's business.
type Claims struct {
	TenantID  string    // sub
	HostPort  string    // grpc_broadcast_address; "" = not in the token
	ServerURL string    // server_url; "" = not in the token
	TokenID   string    // token_id
	Issuer    string    // iss
	Audience  []string  // aud
	IssuedAt  time.Time // iat; zero = not in the token
	Expires   time.Time // exp; zero = never
}

// ParseToken reads the claims of a token. The error is ErrNoToken or wraps
// ErrMalformedToken; whether the token has expired is for [Claims.Check].
func ParseToken(token string) (Claims, error) {
	token = strings.TrimSpace(token)
	if token == "" {
		return Claims{}, ErrNoToken
	}
	if scheme, _, ok := strings.Cut(token, " "); ok && strings.EqualFold(scheme, "bearer") {
		return malformed("leave out the word %q before the token", scheme)
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return malformed("a token has three parts with dots between them; was it cut off?")
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil {
		return malformed("its second part is no base64; was it cut off?")
	}
	var raw rawClaims
	if err := json.Unmarshal(payload, &raw); err != nil {
		return malformed("its claims are no JSON object")
	}
	if raw.Subject == "" {
		return malformed("it names no tenant (claim sub)")
	}
	return raw.claims()
}

func malformed(format string, args ...any) (Claims, error) {
	return Claims{}, fmt.Errorf("%w: %s", ErrMalformedToken, fmt.Sprintf(format, args...))
}

// Check returns an error that wraps ErrExpiredToken if the token's time is over
// at now.
func (c Claims) Check(now time.Time) error {
	if c.Expires.IsZero() || now.Before(c.Expires) {
		return nil
	}
	return fmt.Errorf("%w: it was valid until %s; create a new one", ErrExpiredToken, c.Expires.UTC().Format(time.RFC3339))
}

// rawClaims is the payload as it stands in the token.
type rawClaims struct {
	Subject   string          `json:"sub"`
	HostPort  string          `json:"grpc_broadcast_address"`
	ServerURL string          `json:"server_url"`
	TokenID   string          `json:"token_id"`
	Issuer    string          `json:"iss"`
	Audience  json.RawMessage `json:"aud"` // text or a list of it
	IssuedAt  *float64        `json:"iat"`
	Expires   *float64        `json:"exp"`
}

func (r rawClaims) claims() (Claims, error) {
	c := Claims{TenantID: r.Subject, HostPort: r.HostPort, ServerURL: r.ServerURL, TokenID: r.TokenID, Issuer: r.Issuer}
	var one string
	if len(r.Audience) > 0 && json.Unmarshal(r.Audience, &c.Audience) != nil {
		if err := json.Unmarshal(r.Audience, &one); err != nil {
			return malformed("its audience (claim aud) is neither text nor a list")
		}
		c.Audience = []string{one}
	}
	var ok1, ok2 bool
	c.IssuedAt, ok1 = unixTime(r.IssuedAt)
	c.Expires, ok2 = unixTime(r.Expires)
	if !ok1 || !ok2 {
		return malformed("its times (claims iat, exp) are out of range")
	}
	return c, nil
}

// maxUnix is the last second of the year 9999, beyond which a time has no
// common notation.
const maxUnix = 253402300799

func unixTime(seconds *float64) (time.Time, bool) {
	if seconds == nil {
		return time.Time{}, true
	}
	if !(*seconds >= 0 && *seconds <= maxUnix) {
		return time.Time{}, false
	}
	return time.Unix(int64(*seconds), 0).UTC(), true
}
