// Package permit is the only door from scripts to the network, the file
// system, the environment and other processes. Native modules reach those
// through the [Run] of their context and through nothing else.
//
// A [Policy] says what is allowed, in Deno's words: net, read, write, env, run, sys.
// Nothing is allowed that was not granted, and what is denied stays so whatever
// else is granted. A [Door] holds the policy of one worker together with what
// decisions need: the resolver, the environment, the audit log, whom to ask.
// [Door.Enter] gives each run a handle, which checks every access, counts it
// against the run's [Limits] and owns what the run opens; [Run.Leave] releases
// all of it, however the run ended.
//
// It contains mistakes, not attackers: put hostile code into a container.
package permit
