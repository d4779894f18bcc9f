package local_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// signed is the signature of a text as senders make it.
func signed(secret []byte, text string) []byte {
	mac := hmac.New(sha256.New, secret)
	_, _ = mac.Write([]byte(text))
	return mac.Sum(nil)
}

// hatchet-protocol.md section 6.10: webhooks of every kind of auth and every
// source.
func TestWebhooks(t *testing.T) {
	r := startREST(t)
	auths := map[string]anything{
		"basic":  {"authType": "BASIC", "auth": anything{"username": "u", "password": "p"}},
		"key":    {"authType": "API_KEY", "auth": anything{"headerName": "X-Key", "apiKey": "k"}},
		"hmac":   {"authType": "HMAC", "auth": anything{"algorithm": "SHA512", "encoding": "BASE64", "signatureHeaderName": "X-Sig", "signingSecret": "s"}},
		"github": {"sourceName": "GITHUB", "authType": "HMAC", "auth": anything{"algorithm": "SHA256", "encoding": "HEX", "signatureHeaderName": "X-Hub-Signature-256", "signingSecret": "s"}},
		"slack":  {"sourceName": "SLACK", "authType": "HMAC", "auth": anything{"algorithm": "SHA256", "encoding": "HEX", "signatureHeaderName": "X-Slack-Signature", "signingSecret": "s"}},
		"stripe": {"sourceName": "STRIPE", "authType": "HMAC", "auth": anything{"algorithm": "SHA256", "encoding": "HEX", "signatureHeaderName": "Stripe-Signature", "signingSecret": "s"}},
		"svix":   {"sourceName": "SVIX", "authType": "HMAC", "auth": anything{"algorithm": "SHA256", "encoding": "BASE64", "signatureHeaderName": "svix-signature", "signingSecret": "whsec_" + base64.StdEncoding.EncodeToString([]byte("s"))}},
	}
	for name, body := range auths {
		body["name"], body["eventKeyExpression"] = name, "'hook:' + input.kind"
		if body["sourceName"] == nil {
			body["sourceName"] = "GENERIC"
		}
		r.ask(200, "POST", webhooksPath, body)
		r.ask(400, "POST", webhooksPath, body) // the name is taken
	}
	sha := sha512.New
	mac := hmac.New(sha, []byte("s"))
	const text = `{"kind":"a","tenant":"x"}`
	_, _ = mac.Write([]byte(text))
	now, old := fmt.Sprint(time.Now().Unix()), fmt.Sprint(time.Now().Add(-time.Hour).Unix())
	hexed := func(text string) string { return hex.EncodeToString(signed([]byte("s"), text)) }
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte("u:p"))
	for _, c := range []struct {
		name string
		want int
		body string
		head []string // names and values
	}{
		{"basic", 200, text, []string{"Authorization", basic}},
		{"basic", 403, text, []string{"Authorization", basic + "x"}},
		{"basic", 403, text, nil},
		{"basic", 400, "no JSON", []string{"Authorization", basic}},
		{"basic", 400, `{"kind":1}`, []string{"Authorization", basic}},
		{"basic", 400, `{}`, []string{"Authorization", basic}},
		{"key", 200, "kind=form&x=1", []string{"X-Key", "k", "Content-Type", "application/x-www-form-urlencoded"}},
		{"key", 403, text, []string{"X-Key", "kk"}},
		{"key", 403, text, nil},
		{"hmac", 200, text, []string{"X-Sig", base64.StdEncoding.EncodeToString(mac.Sum(nil))}},
		{"hmac", 403, text + " ", []string{"X-Sig", base64.StdEncoding.EncodeToString(mac.Sum(nil))}},
		{"hmac", 403, text, nil},
		{"github", 200, text, []string{"X-Hub-Signature-256", "sha256=" + hexed(text)}},
		{"github", 400, "kind=a", []string{"X-Hub-Signature-256", hexed("kind=a"), "Content-Type", "application/x-www-form-urlencoded"}},
		{"slack", 200, `{"challenge":"c"}`, nil},
		{"slack", 200, text, []string{"X-Slack-Signature", "v0=" + hexed("v0:"+now+":"+text), "X-Slack-Request-Timestamp", now}},
		{"slack", 403, text, []string{"X-Slack-Signature", "v0=" + hexed("v0:"+old+":"+text), "X-Slack-Request-Timestamp", old}},
		{"slack", 403, text, []string{"X-Slack-Signature", "v0=00", "X-Slack-Request-Timestamp", now}},
		{"slack", 403, text, []string{"X-Slack-Request-Timestamp", "soon"}},
		{"stripe", 200, text, []string{"Stripe-Signature", "t=" + now + ",v1=" + hexed(now+"."+text)}},
		{"stripe", 400, text, []string{"Stripe-Signature", "t=" + old + ",v1=" + hexed(old+"."+text)}},
		{"stripe", 403, text, []string{"Stripe-Signature", "t=" + now + ",v1=00"}},
		{"stripe", 400, text, nil},
		{"svix", 200, text, []string{"svix-id", "m", "svix-timestamp", now, "svix-signature", "v0,x v1," + base64.StdEncoding.EncodeToString(signed([]byte("s"), "m."+now+"."+text))}},
		{"svix", 400, text, []string{"webhook-id", "m", "webhook-timestamp", old, "webhook-signature", "v1,x"}},
		{"svix", 403, text, []string{"webhook-id", "m", "webhook-timestamp", now, "webhook-signature", "v1,x"}},
		{"svix", 400, text, nil},
		{"nope", 404, text, nil},
	} {
		header := http.Header{}
		for i := 0; i < len(c.head); i += 2 {
			header.Set(c.head[i], c.head[i+1])
		}
		url := "http://" + r.engine.HTTPAddr() + r.tenant(webhooksPath) + "/" + c.name
		if code, data := send(t, "POST", url, header, c.body); code != c.want {
			t.Errorf("%s %v %s: %d %s, want %d", c.name, c.head, c.body, code, data, c.want)
		}
	}
	events := r.ask(200, "GET", eventsPath+"?keys=hook:form", nil)
	r.expect("form", at(events, "rows", 0, "payload")+at(events, "rows", 0, "triggeringWebhookName"), `{"kind":"form","x":"1"}key`)
	r.expect("payload", at(r.ask(200, "GET", eventsPath+"?keys=hook:a", nil), "rows", 0, "payload"), `{"kind":"a"}`)

	r.ask(200, "PATCH", webhooksPath+"/basic", anything{
		"scopeExpression": "headers['x-scope']", "staticPayload": anything{"kind": "static"}, "returnEventAsResponsePayload": false,
	})
	url := "http://" + r.engine.HTTPAddr() + r.tenant(webhooksPath) + "/basic"
	if code, data := send(t, "POST", url, http.Header{"Authorization": {basic}, "X-Scope": {"blue"}}, text); code != 204 {
		t.Errorf("%d %s", code, data)
	}
	r.expect("scope", at(r.ask(200, "GET", eventsPath+"?keys=hook:static", nil), "rows", 0, "scope"), "blue")
	if code, data := send(t, "POST", url, http.Header{"Authorization": {basic}}, text); code != 400 {
		t.Errorf("%d %s", code, data)
	}
	listed, _ := r.ask(200, "GET", webhooksPath+"?sourceNames=GENERIC&webhookNames=basic&webhookNames=slack", nil)["rows"].([]any)
	if len(listed) != 1 || strings.Contains(at(listed), "password") {
		t.Errorf("listed %s", at(listed))
	}
	r.ask(400, "POST", webhooksPath, anything{"name": "x", "sourceName": "PIGEON", "eventKeyExpression": "'a'", "authType": "BASIC", "auth": anything{"username": "u", "password": "p"}})
	r.ask(400, "POST", webhooksPath, anything{"name": "x", "sourceName": "GENERIC", "authType": "BASIC", "auth": anything{"username": "u", "password": "p"}})
	r.ask(200, "DELETE", webhooksPath+"/basic", nil)
	r.ask(404, "GET", webhooksPath+"/basic", nil)
}
