// Package differential runs random workflows and holds engines to what the
// rules of hatchet-protocol.md section 9 foretell: which tasks run, how often,
// in which order, what they put out, what is skipped, cancelled and failed, and
// what that makes of the run. Everything is drawn from a seed.
//
// TestEmbedded runs a few on the embedded engine and watches it from inside as
// well. TestServer runs the same ones on the Hatchet server that
// HATCHET_CLIENT_TOKEN names. As both must meet the same expectations, they
// behave the same.
//
//	go test ./test/differential -cases 1000 -seed 42
//	HATCHET_CLIENT_TOKEN=… go test ./test/differential -run TestServer -cases 200
package differential
