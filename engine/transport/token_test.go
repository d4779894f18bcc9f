package transport

import (
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestParseToken(t *testing.T) {
	got, err := ParseToken(" " + tokenFor("example.com:443") + "\n")
	if err != nil {
		t.Fatal(err)
	}
	if got.TenantID != "tenant-1" || got.HostPort != "example.com:443" || got.ServerURL != "http://example.com:443" ||
		got.TokenID != "t" || got.Issuer != "i" || !slices.Equal(got.Audience, []string{"a"}) ||
		got.IssuedAt.Unix() != 1700000000 || got.Expires.Year() != 2100 {
		t.Errorf("got %+v", got)
	}
	got, err = ParseToken(tokenOf(map[string]any{"sub": "x", "aud": []string{"a", "b"}}))
	if err != nil || len(got.Audience) != 2 || !got.Expires.IsZero() {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestParseTokenRefuses(t *testing.T) {
	secret := base64.RawURLEncoding.EncodeToString([]byte("not json"))
	for token, why := range map[string]string{
		"":                        "set HATCHET_CLIENT_TOKEN",
		"  ":                      "set HATCHET_CLIENT_TOKEN",
		"swordfish":               "three parts",
		"a.b":                     "three parts",
		"a.?.c":                   "no base64",
		"a." + secret + ".c":      "no JSON object",
		"Bearer a.b.c":            `leave out the word "Bearer"`,
		tokenOf(map[string]any{}): "names no tenant",
		tokenOf(map[string]any{"sub": "x", "exp": -1}):   "out of range",
		tokenOf(map[string]any{"sub": "x", "exp": 1e18}): "out of range",
		tokenOf(map[string]any{"sub": "x", "aud": 1}):    "audience",
	} {
		_, err := ParseToken(token)
		if err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%q: got %v, want it to say %q", token, err, why)
			continue
		}
		if want := ErrMalformedToken; strings.TrimSpace(token) != "" && !errors.Is(err, want) {
			t.Errorf("%q: %v is not ErrMalformedToken", token, err)
		}
		if len(token) > 12 && strings.Contains(err.Error(), token[5:12]) {
			t.Errorf("%v shows the token", err)
		}
	}
}

func TestExpiredToken(t *testing.T) {
	claims := Claims{Expires: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	if err := claims.Check(claims.Expires.Add(-time.Second)); err != nil {
		t.Errorf("before its end: %v", err)
	}
	err := claims.Check(claims.Expires)
	if !errors.Is(err, ErrExpiredToken) || !IsUnauthorized(err) || !strings.Contains(err.Error(), "valid until 2026-01-02T03:04:05Z") {
		t.Errorf("at its end: %v", err)
	}
	_, err = Dial(Config{Token: tokenOf(map[string]any{"sub": "x", "exp": 1, "grpc_broadcast_address": "a:1"})}, Options{})
	if !errors.Is(err, ErrExpiredToken) {
		t.Errorf("Dial: %v", err)
	}
}

func FuzzParseToken(f *testing.F) {
	f.Add(tokenFor("a:1"))
	f.Add("a.e30.c")
	f.Add("Bearer x.y.z")
	f.Fuzz(func(t *testing.T, token string) {
		claims, err := ParseToken(token)
		switch {
		case err == nil && claims.TenantID == "":
			t.Fatalf("%q names no tenant and was taken", token)
		case err != nil && !errors.Is(err, ErrNoToken) && !errors.Is(err, ErrMalformedToken):
			t.Fatalf("%q: %v", token, err)
		}
	})
}
