package workflow

import (
	"errors"
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // zones are known on machines without a zone database

	"github.com/robfig/cron/v3"
)

// cronParser reads 5 fields, or 6 with seconds first, and no descriptors such
// as @daily: what registration admits (hatchet-protocol.md section 5.3).
var cronParser = cron.NewParser(cron.SecondOptional | cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow)

// ParseCron reads a cron expression: five fields (minute hour day month
// weekday), or six with seconds first, after an optional "TZ=<zone> " or
// "CRON_TZ=<zone> ". Without a zone the expression is in UTC
// (hatchet-protocol.md section 6.9). The schedule's Next gives the ticks.
func ParseCron(expression string) (cron.Schedule, error) {
	fail := func(why string) (cron.Schedule, error) {
		return nil, fmt.Errorf("cron %s: %s; write five fields, minute hour day month weekday, like \"0 9 * * 1\"",
			quoteShort(expression), why)
	}
	spec := strings.TrimSpace(expression)
	switch zoned := strings.HasPrefix(spec, "TZ=") || strings.HasPrefix(spec, "CRON_TZ="); {
	case spec == "":
		return fail("is empty")
	case strings.HasPrefix(spec, "@"):
		return fail("Hatchet takes no descriptors such as @daily or @every")
	case zoned && !strings.Contains(spec, " "):
		return fail("has a time zone and nothing else")
	case !zoned:
		spec = "TZ=UTC " + spec
	}
	schedule, err := cronParser.Parse(spec)
	if err != nil {
		return fail(cronReason(err))
	}
	if schedule.Next(cronProbe).IsZero() {
		return fail("names a day that never comes")
	}
	return schedule, nil
}

// cronProbe is where the search for a first tick begins; any time would do.
var cronProbe = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// cronReason is the innermost message of the parser's error.
func cronReason(err error) string {
	for next := errors.Unwrap(err); next != nil; next = errors.Unwrap(err) {
		err = next
	}
	return err.Error()
}
