package contract_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/hatchet-js/hatchet-js-worker/engine/contract"
	v1 "github.com/hatchet-js/hatchet-js-worker/engine/contract/v1"
)

// files are the descriptors of the contract, both packages.
func files(t *testing.T) []protoreflect.FileDescriptor {
	t.Helper()
	var found []protoreflect.FileDescriptor
	protoregistry.GlobalFiles.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		if strings.HasPrefix(file.Path(), "engine/contract/") {
			found = append(found, file)
		}
		return true
	})
	if len(found) == 0 {
		t.Fatal("no descriptor of the contract is registered")
	}
	return found
}

// described renders what the contract declares, by full name.
type described struct {
	methods, messages, enums map[string]string
}

func describeContract(t *testing.T) described {
	t.Helper()
	d := described{methods: map[string]string{}, messages: map[string]string{}, enums: map[string]string{}}
	for _, file := range files(t) {
		for i := range file.Services().Len() {
			service := file.Services().Get(i)
			for j := range service.Methods().Len() {
				method := service.Methods().Get(j)
				d.methods[fmt.Sprintf("/%s/%s", service.FullName(), method.Name())] = describeMethod(method)
			}
		}
		for i := range file.Messages().Len() {
			message := file.Messages().Get(i)
			d.messages[string(message.FullName())] = describeMessage(message)
		}
		for i := range file.Enums().Len() {
			enum := file.Enums().Get(i)
			d.enums[string(enum.FullName())] = describeEnum(enum)
		}
	}
	return d
}

// describeMethod renders kind, request and response: "bidi A -> B".
func describeMethod(method protoreflect.MethodDescriptor) string {
	kind := "unary"
	switch {
	case method.IsStreamingClient() && method.IsStreamingServer():
		kind = "bidi"
	case method.IsStreamingServer():
		kind = "server"
	case method.IsStreamingClient():
		kind = "client"
	}
	return fmt.Sprintf("%s %s -> %s", kind, method.Input().FullName(), method.Output().FullName())
}

// describeMessage renders the fields by number: "1 key string, 2 tags string[]".
func describeMessage(message protoreflect.MessageDescriptor) string {
	fields := make([]protoreflect.FieldDescriptor, 0, message.Fields().Len())
	for i := range message.Fields().Len() {
		fields = append(fields, message.Fields().Get(i))
	}
	slices.SortFunc(fields, func(a, b protoreflect.FieldDescriptor) int { return int(a.Number() - b.Number()) })
	texts := make([]string, 0, len(fields))
	for _, field := range fields {
		texts = append(texts, fmt.Sprintf("%d %s %s", field.Number(), field.Name(), describeType(field)))
	}
	return strings.Join(texts, ", ")
}

// describeType renders a field's type with ? for tracked presence, [] for
// repeated, and the name of a oneof after a bar.
func describeType(field protoreflect.FieldDescriptor) string {
	switch {
	case field.IsMap():
		return fmt.Sprintf("map<%s,%s>", describeKind(field.MapKey()), describeKind(field.MapValue()))
	case field.IsList():
		return describeKind(field) + "[]"
	case field.HasOptionalKeyword():
		return describeKind(field) + "?"
	case field.ContainingOneof() != nil:
		return describeKind(field) + "|" + string(field.ContainingOneof().Name())
	}
	return describeKind(field)
}

func describeKind(field protoreflect.FieldDescriptor) string {
	switch {
	case field.Enum() != nil:
		return string(field.Enum().FullName())
	case field.Message() != nil:
		return strings.TrimPrefix(string(field.Message().FullName()), "google.protobuf.")
	}
	return field.Kind().String()
}

// describeEnum renders the values in declared order: "A=0 B=1".
func describeEnum(enum protoreflect.EnumDescriptor) string {
	texts := make([]string, 0, enum.Values().Len())
	for i := range enum.Values().Len() {
		value := enum.Values().Get(i)
		texts = append(texts, fmt.Sprintf("%s=%d", value.Name(), value.Number()))
	}
	return strings.Join(texts, " ")
}

// compare wants the same names on both sides with the same description; white
// space in the table does not count.
func compare(t *testing.T, got, want map[string]string) {
	t.Helper()
	for name, text := range want {
		text = strings.Join(strings.Fields(text), " ")
		if found, ok := got[name]; !ok {
			t.Errorf("%s is missing from the contract", name)
		} else if found != text {
			t.Errorf("%s\n got %s\nwant %s", name, found, text)
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s is in the contract but not in the table of the wire", name)
		}
	}
}

func TestMethodsAreThoseOfTheWire(t *testing.T) {
	compare(t, describeContract(t).methods, wireMethods)
}

func TestMessagesAreThoseOfTheWire(t *testing.T) {
	want := map[string]string{}
	for _, table := range []map[string]string{wireMessages, wireMessagesV1} {
		for name, text := range table {
			want[name] = text
		}
	}
	compare(t, describeContract(t).messages, want)
}

func TestEnumsAreThoseOfTheWire(t *testing.T) {
	compare(t, describeContract(t).enums, wireEnums)
}

func TestReservedNumbersAreThoseOfTheWire(t *testing.T) {
	for _, file := range files(t) {
		for i := range file.Messages().Len() {
			message := file.Messages().Get(i)
			var want []protoreflect.FieldNumber
			if message.FullName() == "CreateWorkflowJobOpts" {
				want = []protoreflect.FieldNumber{3}
			}
			var got []protoreflect.FieldNumber
			for j := range message.ReservedRanges().Len() {
				for number := message.ReservedRanges().Get(j)[0]; number < message.ReservedRanges().Get(j)[1]; number++ {
					got = append(got, number)
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s reserves %v, want %v", message.FullName(), got, want)
			}
		}
	}
}

// served lists what gRPC servers are told to serve, which is generated apart from
// the descriptors.
var served = []grpc.ServiceDesc{
	contract.Dispatcher_ServiceDesc,
	contract.EventsService_ServiceDesc,
	contract.WorkflowService_ServiceDesc,
	v1.V1Dispatcher_ServiceDesc,
	v1.AdminService_ServiceDesc,
}

func TestServersOfferEveryMethod(t *testing.T) {
	got := map[string]string{}
	for _, service := range served {
		for _, method := range service.Methods {
			got["/"+service.ServiceName+"/"+method.MethodName] = "unary"
		}
		for _, stream := range service.Streams {
			kind := "server"
			if stream.ClientStreams {
				kind = "bidi"
			}
			got["/"+service.ServiceName+"/"+stream.StreamName] = kind
		}
	}
	want := map[string]string{}
	for path, text := range wireMethods {
		want[path], _, _ = strings.Cut(text, " ")
	}
	compare(t, got, want)
}

// TestAbsentAndEmptyDiffer covers the difference clients rely on: a cancelled
// task carries an empty error, a completed one none (hatchet-protocol.md section
// 6.5).
func TestAbsentAndEmptyDiffer(t *testing.T) {
	for _, c := range []struct {
		name   string
		result *contract.StepRunResult
		wire   string
	}{
		{"cancelled", &contract.StepRunResult{Error: proto.String("")}, "\x22\x00"},
		{"completed", &contract.StepRunResult{Output: proto.String("{}")}, "\x2a\x02{}"},
		{"nothing", &contract.StepRunResult{}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			wire, err := proto.Marshal(c.result)
			if err != nil || string(wire) != c.wire {
				t.Errorf("bytes % x (error %v), want % x", wire, err, c.wire)
			}
			back := &contract.StepRunResult{}
			if err := proto.Unmarshal([]byte(c.wire), back); err != nil || !proto.Equal(back, c.result) {
				t.Errorf("read back %v (error %v), want %v", back, err, c.result)
			}
		})
	}
}

// TestUnknownFieldsAndValuesSurvive: a peer may be newer than this contract.
func TestUnknownFieldsAndValuesSurvive(t *testing.T) {
	// Field 10 (action_type) = 77, field 200 = "new".
	wire := "\x50\x4d" + "\xc2\x0c\x03new"
	action := &contract.AssignedAction{}
	if err := proto.Unmarshal([]byte(wire), action); err != nil {
		t.Fatal(err)
	}
	if action.GetActionType() != 77 {
		t.Errorf("action type %d, want 77", action.GetActionType())
	}
	back, err := proto.Marshal(action)
	if err != nil {
		t.Fatal(err)
	}
	if string(back) != wire {
		t.Errorf("bytes % x, want % x", back, wire)
	}
}
