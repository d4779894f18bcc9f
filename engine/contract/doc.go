// Package contract is the wire contract of Hatchet: the messages and services
// that workers, clients and engines exchange over gRPC, generated from the
// .proto files beside this one.
//
// This package holds the services without a proto package, Dispatcher,
// EventsService and WorkflowService, so that a method path is for instance
// /Dispatcher/ListenV2. Package v1 below holds the services of proto package v1,
// V1Dispatcher and AdminService, and the types both share; v1 does not import
// this package. hatchet-protocol.md section 2 lists every service and message;
// fields that only engines newer than the published source know are in its
// section 10.
//
// Names and numbers are those of the wire and never change. Messages of
// any other copy of this contract cannot be linked into the same program,
// because message names are unique in a program (hatchet-protocol.md section
// 2.1).
//
// After a change of a .proto file run go generate ./engine/contract.
package contract

//go:generate go run ./internal/generate
