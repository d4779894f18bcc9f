// Package isolate runs scripts in child processes, so that the memory of a run
// can be capped and what goes wrong in it ends no other.
//
// The parent is the worker: [Spawner] starts children and [Process] is one of
// them, with one VM in which one version of a script was evaluated; it runs one
// attempt at a time. The child is the same program under another verb: it calls
// [Serve], which is all it does. Between them is a connection of two pipes that
// carries frames, see wire.go. The child is given the plan of the door, and
// checks what a run asks for itself, as the worker would; what only the worker
// can do, such as talking to the engine, writing the audit log or asking a
// person, is asked of the parent. The token never reaches the child.
//
// When the parent ends, however it ends, its ends of the pipes are closed and
// the child ends itself. When the child ends, the run in it fails with an error
// that says why, and the next one gets another child.
package isolate
