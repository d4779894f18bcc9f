package transport

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
)

func env(values map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		value, ok := values["HATCHET_CLIENT_"+name[len("HATCHET_CLIENT_"):]]
		return value, ok
	}
}

func TestFromEnvFillsFromTheToken(t *testing.T) {
	got, err := FromEnv(env(map[string]string{"HATCHET_CLIENT_TOKEN": tokenFor("example.com:7077")}))
	if err != nil {
		t.Fatal(err)
	}
	if got.HostPort != "example.com:7077" || got.ServerURL != "http://example.com:7077" || got.TenantID != "tenant-1" ||
		got.TLS.Strategy != TLSServer || got.MaxReceive != MaxMessage || got.MaxSend != MaxMessage || got.Retry.MaxAttempts != 8 {
		t.Errorf("got %+v", got)
	}
}

func TestFromEnvReadsAllVariables(t *testing.T) {
	token := tokenFor("example.com:7077")
	got, err := FromEnv(env(map[string]string{
		"HATCHET_CLIENT_TOKEN": token, "HATCHET_CLIENT_HOST_PORT": "other:1", "HATCHET_CLIENT_API_URL": "https://other/",
		"HATCHET_CLIENT_TENANT_ID": "t2", "HATCHET_CLIENT_NAMESPACE": "Dev", "HATCHET_CLIENT_TLS_STRATEGY": "MTLS",
		"HATCHET_CLIENT_TLS_CERT_FILE": "c", "HATCHET_CLIENT_TLS_KEY_FILE": "k", "HATCHET_CLIENT_TLS_ROOT_CA_FILE": "r",
		"HATCHET_CLIENT_TLS_SERVER_NAME": "n", "HATCHET_CLIENT_TLS_MIN_VERSION": "1.2",
		"HATCHET_CLIENT_LOG_LEVEL": "debug", "HATCHET_CLIENT_LOG_FORMAT": "json",
		"HATCHET_CLIENT_GRPC_MAX_RECV_MESSAGE_LENGTH": "100", "HATCHET_CLIENT_GRPC_MAX_SEND_MESSAGE_LENGTH": "200",
		"HATCHET_CLIENT_DISABLE_GZIP_COMPRESSION": "true", "HATCHET_CLIENT_NO_RETRY": "TRUE",
		"HATCHET_CLIENT_RETRIER_MAX_ATTEMPTS": "3", "HATCHET_CLIENT_RETRIER_INITIAL_INTERVAL": "0.5",
		"HATCHET_CLIENT_RETRIER_MAX_JITTER": "20", "HATCHET_CLIENT_WORKER_HEALTHCHECK_ENABLED": "true",
		"HATCHET_CLIENT_WORKER_HEALTHCHECK_PORT": "8001", "HATCHET_CLIENT_AUTOSCALING_TARGET": "pool",
		"HATCHET_CLIENT_OPENTELEMETRY_EXCLUDED_ATTRIBUTES":               `["a","b"]`,
		"HATCHET_CLIENT_OPENTELEMETRY_INCLUDE_TASK_NAME_IN_SPAN_NAME":    "1",
		"HATCHET_CLIENT_OPENTELEMETRY_INDIVIDUAL_RUN_SPANS_FOR_BULK_RUN": "false",
	}))
	if err != nil {
		t.Fatal(err)
	}
	claims := got.Claims
	want := Config{
		Token: token, HostPort: "other:1", ServerURL: "https://other", TenantID: "t2", Namespace: "Dev",
		TLS:        TLSConfig{Strategy: TLSMutual, CertFile: "c", KeyFile: "k", RootCAFile: "r", ServerName: "n", MinVersion: "1.2"},
		MaxReceive: 100, MaxSend: 200, DisableGzip: true, LogLevel: "debug", LogFormat: "json", AutoscalingTarget: "pool",
		Retry: Retry{MaxAttempts: 3, InitialInterval: 500 * time.Millisecond, MaxJitter: 20 * time.Millisecond,
			DisableGRPC: true, DisableREST: true},
		Health:    Health{Enabled: true, Port: 8001},
		Telemetry: Telemetry{ExcludedAttributes: []string{"a", "b"}, IncludeTaskNameInSpanName: true},
		Claims:    claims,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestFromEnvRefuses(t *testing.T) {
	good := tokenFor("example.com:7077")
	for want, set := range map[string]map[string]string{
		"no API token: set HATCHET_CLIENT_TOKEN":                          {},
		"no server address: the token names none":                         {"TOKEN": tokenOf(map[string]any{"sub": "x"})},
		`"localhost" in HATCHET_CLIENT_HOST_PORT: must be host:port`:      {"TOKEN": good, "HOST_PORT": "localhost"},
		`"http://a:1" in HATCHET_CLIENT_HOST_PORT: must be`:               {"TOKEN": good, "HOST_PORT": "http://a:1"},
		`"a:99999" in HATCHET_CLIENT_HOST_PORT: must be`:                  {"TOKEN": good, "HOST_PORT": "a:99999"},
		`"localhost:8080" in HATCHET_CLIENT_SERVER_URL: must be like`:     {"TOKEN": good, "SERVER_URL": "localhost:8080"},
		`HATCHET_CLIENT_API_URL: says "http://b" where HATCHET_CLIENT_`:   {"TOKEN": good, "SERVER_URL": "http://a", "API_URL": "http://b"},
		`HATCHET_CLIENT_TLS_STRATEGY: "ssl": must be tls, mtls or none`:   {"TOKEN": good, "TLS_STRATEGY": "ssl"},
		`HATCHET_CLIENT_TLS_MIN_VERSION "1.1": must be 1.2 or 1.3`:        {"TOKEN": good, "TLS_MIN_VERSION": "1.1"},
		"HATCHET_CLIENT_TLS_STRATEGY=mtls needs a client certificate":     {"TOKEN": good, "TLS_STRATEGY": "mtls", "TLS_CERT": "x"},
		"HATCHET_CLIENT_TLS_CERT and HATCHET_CLIENT_TLS_CERT_FILE are b":  {"TOKEN": good, "TLS_CERT": "x", "TLS_CERT_FILE": "y"},
		`HATCHET_CLIENT_GRPC_MAX_RECV_MESSAGE_LENGTH: "-1": must be a w`:  {"TOKEN": good, "GRPC_MAX_RECV_MESSAGE_LENGTH": "-1"},
		`HATCHET_CLIENT_NO_RETRY: "maybe": must be true or false`:         {"TOKEN": good, "NO_RETRY": "maybe"},
		`HATCHET_CLIENT_RETRIER_MAX_JITTER: "x": must be a number above`:  {"TOKEN": good, "RETRIER_MAX_JITTER": "x"},
		"HATCHET_CLIENT_OPENTELEMETRY_EXCLUDED_ATTRIBUTES: must be a JSO": {"TOKEN": good, "OPENTELEMETRY_EXCLUDED_ATTRIBUTES": "a"},
	} {
		values := map[string]string{}
		for name, value := range set {
			values["HATCHET_CLIENT_"+name] = value
		}
		if _, err := FromEnv(env(values)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
	_, err := FromEnv(env(map[string]string{"HATCHET_CLIENT_NO_RETRY": "maybe"}))
	if !errors.Is(err, ErrNoToken) || !strings.Contains(err.Error(), "HATCHET_CLIENT_NO_RETRY") {
		t.Errorf("not all mistakes are reported: %v", err)
	}
}

func TestDialReadsCertificates(t *testing.T) {
	for want, tls := range map[string]TLSConfig{
		"read the TLS root CA: open /nowhere/ca.pem": {RootCAFile: "/nowhere/ca.pem"},
		"holds no PEM certificate":                   {RootCA: "hello"},
		"TLS client certificate and key":             {Strategy: TLSMutual, Cert: "a", Key: "b"},
		"read the TLS client key":                    {Strategy: TLSMutual, Cert: "a", KeyFile: "/nowhere/key.pem"},
	} {
		if _, err := Dial(Config{Token: tokenFor("a:1"), TLS: tls}, Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}
