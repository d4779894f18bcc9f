// Package core is the embedded engine as a pure state machine: workflows,
// runs, tasks, queues, workers, timers and durable event logs, with the
// semantics of hatchet-protocol.md sections 4 to 9.
//
// Everything happens through [Core.Apply]: it takes the present time and one
// [Command], changes the state and returns what must now be done about it as
// [Effect] values. The core has no clock, no randomness, no I/O and no
// goroutine. Commands that make new things carry a Seed from which all new ids
// are derived, so the same commands with the same times always give the same
// state and the same effects. A journal of (time, command) pairs is therefore a
// complete record of an engine; [Encode] and [Decode] are its format, and
// [Core.Snapshot] and [Restore] let it be truncated.
//
// A Core belongs to one goroutine. Its query methods (RunDetails, ListRuns,
// Workers, ...) read the state and are called on that goroutine too.
//
// # What the owner does
//
// Before a command is applied [Core.Journals] says whether it belongs in the
// journal; apply it with a time that does not run backwards; write it down; then
// carry out the effects. After each Apply ask [Core.NextWake] and at that time
// apply what [Core.Due] gives. After recovery apply [EngineStarted] once, before
// anything else: it tells the core that all streams are gone.
package core
