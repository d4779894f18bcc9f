package serve

import (
	"crypto/hmac"
	"crypto/md5"  //nolint:gosec // what senders use is theirs to choose
	"crypto/sha1" //nolint:gosec // likewise
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/hatchet-js/hatchet-js-worker/engine/local/core"
)

// How old what a sender signed may be.
const (
	slackTolerance  = 5 * time.Minute
	stripeTolerance = 10 * time.Minute
	svixTolerance   = 5 * time.Minute
)

// admit says whether a request proves that it comes from the sender of a
// webhook; the error is the answer if it does not.
func admit(h core.Webhook, r *http.Request, payload []byte, now time.Time) error {
	switch h.Source {
	case "SLACK":
		return admitSlack(h, r, payload, now)
	case "STRIPE":
		return admitStripe(h, r, payload, now)
	case "SVIX":
		return admitSvix(h, r, payload, now)
	}
	switch h.Auth.Type {
	case "BASIC":
		return admitBasic(h, r)
	case "API_KEY":
		return admitKey(h, r)
	}
	signature := r.Header.Get(h.Auth.Header)
	if signature == "" {
		return forbidden("missing or invalid signature header: %s", h.Auth.Header)
	}
	return checkSignature(h, signature, sign(h.Auth, payload))
}

func forbidden(format string, args ...any) error {
	return httpError{http.StatusForbidden, fmt.Sprintf(format, args...)}
}

func malformed(format string, args ...any) error {
	return httpError{http.StatusBadRequest, fmt.Sprintf(format, args...)}
}

func admitBasic(h core.Webhook, r *http.Request) error {
	user, password, ok := r.BasicAuth()
	if !ok {
		return forbidden("missing or invalid authorization header")
	}
	right := hmac.Equal([]byte(user), []byte(h.Auth.Username))
	if !hmac.Equal([]byte(password), []byte(h.Auth.Secret)) || !right {
		return forbidden("invalid basic auth credentials")
	}
	return nil
}

func admitKey(h core.Webhook, r *http.Request) error {
	key := r.Header.Get(h.Auth.Header)
	if key == "" {
		return forbidden("missing or invalid api key header: %s", h.Auth.Header)
	}
	if !hmac.Equal([]byte(key), []byte(h.Auth.Secret)) {
		return forbidden("invalid api key: %s", h.Auth.Header)
	}
	return nil
}

var hashes = map[string]func() hash.Hash{"SHA1": sha1.New, "SHA256": sha256.New, "SHA512": sha512.New, "MD5": md5.New}

// sign is the signature of a payload as text.
func sign(a core.WebhookAuth, payload []byte) string {
	mac := hmac.New(hashes[a.Algorithm], []byte(a.Secret))
	_, _ = mac.Write(payload) // a hash takes everything
	sum := mac.Sum(nil)
	switch a.Encoding {
	case "BASE64":
		return base64.StdEncoding.EncodeToString(sum)
	case "BASE64URL":
		return base64.URLEncoding.EncodeToString(sum)
	}
	return hex.EncodeToString(sum)
}

// checkSignature compares signatures without the names of algorithms that some
// senders put before them.
func checkSignature(h core.Webhook, given, want string) error {
	given = strings.TrimSpace(given)
	for _, prefix := range []string{"sha1=", "sha256=", "sha512=", "md5="} {
		given = strings.TrimPrefix(given, prefix)
	}
	if h.Auth.Type != "HMAC" || !hmac.Equal([]byte(given), []byte(want)) {
		return forbidden("invalid HMAC signature")
	}
	return nil
}

// seconds reads a Unix time.
func seconds(text string) (time.Time, error) {
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	return time.Unix(n, 0), err
}

func admitSlack(h core.Webhook, r *http.Request, payload []byte, now time.Time) error {
	stamp := r.Header.Get("X-Slack-Request-Timestamp")
	if stamp == "" {
		return forbidden("missing or invalid timestamp header: X-Slack-Request-Timestamp")
	}
	at, err := seconds(stamp)
	if err != nil {
		return forbidden("Invalid timestamp in header")
	}
	if at.Before(now.Add(-slackTolerance)) {
		return forbidden("timestamp in header is out of range")
	}
	signature := r.Header.Get(h.Auth.Header)
	if signature == "" {
		return forbidden("missing or invalid signature header: %s", h.Auth.Header)
	}
	return checkSignature(h, signature, "v0="+sign(h.Auth, fmt.Appendf(nil, "v0:%d:%s", at.Unix(), payload)))
}

// admitStripe reads a header such as t=1492774577,v1=5257a8...
func admitStripe(h core.Webhook, r *http.Request, payload []byte, now time.Time) error {
	parts := map[string]string{}
	for _, part := range strings.Split(r.Header.Get(h.Auth.Header), ",") {
		name, value, _ := strings.Cut(part, "=")
		parts[strings.TrimSpace(name)] = strings.TrimSpace(value)
	}
	stamp, signature := parts["t"], parts["v1"]
	if stamp == "" || signature == "" {
		return malformed("missing or invalid signature header: %s", h.Auth.Header)
	}
	at, err := seconds(stamp)
	if err != nil {
		return malformed("Invalid timestamp in signature header")
	}
	if at.Before(now.Add(-stripeTolerance)) {
		return malformed("timestamp in signature header is out of range")
	}
	return checkSignature(h, signature, sign(h.Auth, fmt.Appendf(nil, "%s.%s", stamp, payload)))
}

// admitSvix reads the headers of Svix and of Standard Webhooks.
func admitSvix(h core.Webhook, r *http.Request, payload []byte, now time.Time) error {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(h.Auth.Secret, "whsec_"))
	if err != nil {
		return malformed("the signing secret of webhook %s is not base64", h.Name)
	}
	get := r.Header.Get
	id, stamp, signatures := get("svix-id"), get("svix-timestamp"), get("svix-signature")
	if id == "" || stamp == "" || signatures == "" {
		id, stamp, signatures = get("webhook-id"), get("webhook-timestamp"), get("webhook-signature")
	}
	if id == "" || stamp == "" || signatures == "" {
		return malformed("missing or invalid headers")
	}
	at, err := seconds(stamp)
	switch {
	case err != nil:
		return malformed("invalid timestamp header: invalid headers")
	case now.Sub(at) > svixTolerance:
		return malformed("invalid timestamp header: message too old")
	case at.Sub(now) > svixTolerance:
		return malformed("invalid timestamp header: message too new")
	}
	auth := core.WebhookAuth{Secret: string(key), Algorithm: "SHA256", Encoding: "BASE64"}
	want := sign(auth, fmt.Appendf(nil, "%s.%d.%s", id, at.Unix(), payload))
	for _, versioned := range strings.Fields(signatures) {
		version, signature, _ := strings.Cut(versioned, ",")
		if version == "v1" && hmac.Equal([]byte(signature), []byte(want)) {
			return nil
		}
	}
	return forbidden("invalid SVIX signature")
}
