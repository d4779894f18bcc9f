// Package local is the embedded engine: it speaks Hatchet's protocol, over gRPC
// and a part of its REST interface, and needs nothing but a file to keep its
// state in, or not even that.
//
// One goroutine, the loop, owns the state, which is a [core.Core]. Requests
// reach it as commands, looks at the state as functions. It takes all that has
// queued up, applies it, writes the commands to the journal in one transaction
// and only then lets replies and effects out. What anybody was told is
// therefore in the journal, and a restart, whatever it was that ended the
// engine, finds it there.
//
// Effects for streams (assignments, results, events) go into the stream's
// mailbox, from which the stream's own goroutine sends. An assignment that a
// stream could not send comes back as a core.SendFailed command.
package local
