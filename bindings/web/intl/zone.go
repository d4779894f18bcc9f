package intl

import (
	"fmt"
	"math"
	"os"
	"regexp"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // zones are known on machines without a zone database

	"github.com/dop251/goja"
)

// renamed are zones by the names that they have today, and by those that the
// data calls them.
var renamed = map[string]string{
	"Asia/Kolkata": "Asia/Calcutta", "Asia/Kathmandu": "Asia/Katmandu", "Asia/Ho_Chi_Minh": "Asia/Saigon", "Asia/Yangon": "Asia/Rangoon",
	"Europe/Kyiv": "Europe/Kiev", "America/Argentina/Buenos_Aires": "America/Buenos_Aires", "America/Argentina/Cordoba": "America/Cordoba",
	"America/Indiana/Indianapolis": "America/Indianapolis", "America/Kentucky/Louisville": "America/Louisville", "Atlantic/Faroe": "Atlantic/Faeroe",
	"US/Eastern": "America/New_York", "US/Central": "America/Chicago", "US/Mountain": "America/Denver", "US/Pacific": "America/Los_Angeles",
	"US/Alaska": "America/Anchorage", "US/Hawaii": "Pacific/Honolulu", "US/Arizona": "America/Phoenix", "GB": "Europe/London", "Japan": "Asia/Tokyo", "Singapore": "Asia/Singapore",
}

// universal are the names of UTC.
var universal = map[string]bool{"utc": true, "etc/utc": true, "gmt": true, "etc/gmt": true, "etc/uct": true, "uct": true, "zulu": true, "etc/zulu": true, "universal": true, "etc/universal": true}

// offsetForm is a zone that is only an offset, as in +05:30.
var offsetForm = regexp.MustCompile(`^([+-])(\d\d)(?::?(\d\d))?$`)

// zone is the name of a time zone as it is properly written; undefined if there
// is none of that name. Without a name it is the zone of this process.
func (r *Realm) zone(call goja.FunctionCall) goja.Value {
	if len(call.Arguments) == 0 {
		return r.rt.ToValue(localZone())
	}
	name := call.Argument(0).String()
	lower := strings.ToLower(name)
	if universal[lower] {
		return r.rt.ToValue("UTC")
	}
	if fixed := offsetForm.FindStringSubmatch(name); fixed != nil && fixed[2] < "24" && fixed[3] < "60" {
		return r.rt.ToValue(fixed[1] + fixed[2] + ":" + fixed[3] + "00"[min(2, len(fixed[3])):])
	}
	if exact, known := zoneNames().exact[lower]; known {
		name = exact
	}
	if _, err := r.location(name); err != nil {
		return goja.Undefined()
	}
	return r.rt.ToValue(name)
}

// location finds a zone by its proper name, or by that of an offset.
func (r *Realm) location(name string) (*time.Location, error) {
	if known := r.zones[name]; known != nil {
		return known, nil
	}
	if name == "" || name == "Local" || len(name) > maxTag {
		return nil, fmt.Errorf("%q is no time zone", name)
	}
	if name == localZone() {
		return time.Local, nil
	}
	location, err := time.LoadLocation(name)
	if fixed := offsetForm.FindStringSubmatch(name); fixed != nil {
		location, err = fixedZone(name, fixed), nil
	}
	if err != nil {
		return nil, err
	}
	if len(r.zones) >= maxZones {
		clear(r.zones)
	}
	r.zones[name] = location
	return location, nil
}

// maxZones bounds what a VM keeps of zones.
const maxZones = 64

func fixedZone(name string, parts []string) *time.Location {
	var hours, minutes int
	_, _ = fmt.Sscan(parts[2], &hours)   // two digits each, or nothing
	_, _ = fmt.Sscan(parts[3], &minutes) // which is zero
	seconds := hours*3600 + minutes*60
	if parts[1] == "-" {
		seconds = -seconds
	}
	return time.FixedZone(name, seconds)
}

// offset is how many seconds a zone is ahead of UTC at a moment, in milliseconds
// since 1970.
func (r *Realm) offset(call goja.FunctionCall) goja.Value {
	location, err := r.location(call.Argument(0).String())
	if err != nil {
		panic(r.rt.NewGoError(err))
	}
	ms := call.Argument(1).ToFloat()
	_, seconds := time.Unix(int64(math.Floor(ms/1000)), 0).In(location).Zone()
	return r.rt.ToValue(seconds)
}

// zoneGroup is the number of a zone's group; -1 if it has no names.
func (r *Realm) zoneGroup(call goja.FunctionCall) goja.Value {
	if group, known := zoneNames().group[call.Argument(0).String()]; known {
		return r.rt.ToValue(group)
	}
	return r.rt.ToValue(-1)
}

// zoneLink is where Linux and macOS tell the zone of the machine, as a link into
// the zone database.
const zoneLink = "/etc/localtime"

// localZone is the name of the zone that dates of this process are in. Go knows
// its rules, and its name only if the environment gives one.
var localZone = sync.OnceValue(func() string {
	if name := time.Local.String(); name != "Local" && name != "" {
		return name
	}
	if target, err := os.Readlink(zoneLink); err == nil {
		if _, name, found := strings.Cut(target, "zoneinfo/"); found {
			if _, err := time.LoadLocation(name); err == nil && !universal[strings.ToLower(name)] {
				return name
			}
		}
	}
	// Without a name it is told by its offset, which is UTC on most servers.
	switch _, seconds := time.Unix(0, 0).In(time.Local).Zone(); {
	case seconds == 0:
		return "UTC"
	case seconds < 0:
		return fmt.Sprintf("-%02d:%02d", -seconds/3600, -seconds/60%60)
	default:
		return fmt.Sprintf("+%02d:%02d", seconds/3600, seconds/60%60)
	}
})
