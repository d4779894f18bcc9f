package transport

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// EnvToken is the environment variable that holds the API token.
const EnvToken = "HATCHET_CLIENT_TOKEN"

// variable is one environment variable and what it sets.
type variable struct {
	name string
	set  func(c *Config, value string) error
}

// variables are all that FromEnv reads (hatchet-protocol.md section 1.1). Of
// two names for one thing the first stands in errors.
var variables = []variable{
	{EnvToken, text(func(c *Config) *string { return &c.Token })},
	{"HATCHET_CLIENT_HOST_PORT", text(func(c *Config) *string { return &c.HostPort })},
	{"HATCHET_CLIENT_SERVER_URL", text(func(c *Config) *string { return &c.ServerURL })},
	{"HATCHET_CLIENT_API_URL", alias("HATCHET_CLIENT_SERVER_URL", func(c *Config) *string { return &c.ServerURL })},
	{"HATCHET_CLIENT_TENANT_ID", text(func(c *Config) *string { return &c.TenantID })},
	{"HATCHET_CLIENT_NAMESPACE", text(func(c *Config) *string { return &c.Namespace })},
	{"HATCHET_CLIENT_TLS_STRATEGY", strategy},
	{"HATCHET_CLIENT_TLS_CERT_FILE", text(func(c *Config) *string { return &c.TLS.CertFile })},
	{"HATCHET_CLIENT_TLS_KEY_FILE", text(func(c *Config) *string { return &c.TLS.KeyFile })},
	{"HATCHET_CLIENT_TLS_ROOT_CA_FILE", text(func(c *Config) *string { return &c.TLS.RootCAFile })},
	{"HATCHET_CLIENT_TLS_CERT", text(func(c *Config) *string { return &c.TLS.Cert })},
	{"HATCHET_CLIENT_TLS_KEY", text(func(c *Config) *string { return &c.TLS.Key })},
	{"HATCHET_CLIENT_TLS_ROOT_CA", text(func(c *Config) *string { return &c.TLS.RootCA })},
	{"HATCHET_CLIENT_TLS_SERVER_NAME", text(func(c *Config) *string { return &c.TLS.ServerName })},
	{"HATCHET_CLIENT_TLS_MIN_VERSION", text(func(c *Config) *string { return &c.TLS.MinVersion })},
	{"HATCHET_CLIENT_LOG_LEVEL", text(func(c *Config) *string { return &c.LogLevel })},
	{"HATCHET_CLIENT_LOG_FORMAT", text(func(c *Config) *string { return &c.LogFormat })},
	{"HATCHET_CLIENT_GRPC_MAX_RECV_MESSAGE_LENGTH", count(func(c *Config) *int { return &c.MaxReceive })},
	{"HATCHET_CLIENT_GRPC_MAX_SEND_MESSAGE_LENGTH", count(func(c *Config) *int { return &c.MaxSend })},
	{"HATCHET_CLIENT_DISABLE_GZIP_COMPRESSION", flag(func(c *Config) []*bool { return []*bool{&c.DisableGzip} })},
	{"HATCHET_CLIENT_NO_GRPC_RETRY", flag(func(c *Config) []*bool { return []*bool{&c.Retry.DisableGRPC} })},
	{"HATCHET_CLIENT_NO_RETRY", flag(func(c *Config) []*bool { return []*bool{&c.Retry.DisableGRPC, &c.Retry.DisableREST} })},
	{"HATCHET_CLIENT_RETRIER_MAX_ATTEMPTS", count(func(c *Config) *int { return &c.Retry.MaxAttempts })},
	{"HATCHET_CLIENT_RETRIER_INITIAL_INTERVAL", duration(time.Second, func(c *Config) *time.Duration { return &c.Retry.InitialInterval })},
	{"HATCHET_CLIENT_RETRIER_MAX_JITTER", duration(time.Millisecond, func(c *Config) *time.Duration { return &c.Retry.MaxJitter })},
	{"HATCHET_CLIENT_WORKER_HEALTHCHECK_ENABLED", flag(func(c *Config) []*bool { return []*bool{&c.Health.Enabled} })},
	{"HATCHET_CLIENT_WORKER_HEALTHCHECK_PORT", count(func(c *Config) *int { return &c.Health.Port })},
	{"HATCHET_CLIENT_AUTOSCALING_TARGET", text(func(c *Config) *string { return &c.AutoscalingTarget })},
	{"HATCHET_CLIENT_OPENTELEMETRY_EXCLUDED_ATTRIBUTES", excludedAttributes},
	{"HATCHET_CLIENT_OPENTELEMETRY_INCLUDE_TASK_NAME_IN_SPAN_NAME",
		flag(func(c *Config) []*bool { return []*bool{&c.Telemetry.IncludeTaskNameInSpanName} })},
	{"HATCHET_CLIENT_OPENTELEMETRY_INDIVIDUAL_RUN_SPANS_FOR_BULK_RUN",
		flag(func(c *Config) []*bool { return []*bool{&c.Telemetry.IndividualRunSpansForBulkRun} })},
}

// FromEnv reads the configuration from the environment that lookup shows, such
// as os.LookupEnv, and resolves it (see [Config.Resolved]). Variables that are
// empty count as not set. All mistakes are reported at once.
func FromEnv(lookup func(name string) (value string, ok bool)) (Config, error) {
	var c Config
	problems := c.read(lookup)
	resolved, err := c.Resolved()
	return resolved, errors.Join(problems, err)
}

// telemetryVariables begin the names of what [TelemetryFromEnv] reads.
const telemetryVariables = "HATCHET_CLIENT_OPENTELEMETRY_"

// TelemetryFromEnv reads the part of the configuration that is about spans, for
// whoever has the rest from elsewhere.
func TelemetryFromEnv(lookup func(name string) (value string, ok bool)) (Telemetry, error) {
	c, err := partFromEnv(telemetryVariables, lookup)
	return c.Telemetry, err
}

// healthVariables begin the names of what [HealthFromEnv] reads.
const healthVariables = "HATCHET_CLIENT_WORKER_HEALTHCHECK_"

// HealthFromEnv reads the part of the configuration that is about the health
// port, for whoever has the rest from elsewhere.
func HealthFromEnv(lookup func(name string) (value string, ok bool)) (Health, error) {
	c, err := partFromEnv(healthVariables, lookup)
	return c.Health, err
}

// partFromEnv reads the variables whose names begin with prefix.
func partFromEnv(prefix string, lookup func(name string) (value string, ok bool)) (Config, error) {
	var c Config
	err := c.read(func(name string) (string, bool) {
		if !strings.HasPrefix(name, prefix) {
			return "", false
		}
		return lookup(name)
	})
	return c, err
}

// read takes over the variables that are set, and reports all mistakes at once.
func (c *Config) read(lookup func(name string) (value string, ok bool)) error {
	var problems []error
	for _, v := range variables {
		value, ok := lookup(v.name)
		if value = strings.TrimSpace(value); !ok || value == "" {
			continue
		}
		if err := v.set(c, value); err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", v.name, err))
		}
	}
	return errors.Join(problems...)
}

func text(field func(*Config) *string) func(*Config, string) error {
	return func(c *Config, value string) error {
		*field(c) = value
		return nil
	}
}

// alias is a second name for what the variable first sets already.
func alias(first string, field func(*Config) *string) func(*Config, string) error {
	return func(c *Config, value string) error {
		if already := *field(c); already != "" && already != value {
			return fmt.Errorf("says %q where %s says %q; set only one of them", value, first, already)
		}
		*field(c) = value
		return nil
	}
}

func count(field func(*Config) *int) func(*Config, string) error {
	return func(c *Config, value string) error {
		n, err := strconv.ParseInt(value, 10, 32)
		if err != nil || n < 1 {
			return fmt.Errorf("%q: must be a whole number of 1 or more", value)
		}
		*field(c) = int(n)
		return nil
	}
}

func flag(fields func(*Config) []*bool) func(*Config, string) error {
	return func(c *Config, value string) error {
		on, err := strconv.ParseBool(strings.ToLower(value))
		if err != nil {
			return fmt.Errorf("%q: must be true or false", value)
		}
		for _, field := range fields(c) {
			*field = *field || on
		}
		return nil
	}
}

// duration reads a number of units.
func duration(unit time.Duration, field func(*Config) *time.Duration) func(*Config, string) error {
	return func(c *Config, value string) error {
		n, err := strconv.ParseFloat(value, 64)
		if err != nil || !(n > 0 && n*float64(unit) < float64(24*time.Hour)) {
			return fmt.Errorf("%q: must be a number above 0, of units of %v", value, unit)
		}
		*field(c) = time.Duration(n * float64(unit))
		return nil
	}
}

func strategy(c *Config, value string) error {
	c.TLS.Strategy = TLSStrategy(strings.ToLower(value))
	if _, known := strategies[c.TLS.Strategy]; !known {
		c.TLS.Strategy = ""
		return fmt.Errorf("%q: must be tls, mtls or none", value)
	}
	return nil
}

func excludedAttributes(c *Config, value string) error {
	if err := json.Unmarshal([]byte(value), &c.Telemetry.ExcludedAttributes); err != nil {
		return fmt.Errorf("must be a JSON array of texts: %w", err)
	}
	return nil
}
