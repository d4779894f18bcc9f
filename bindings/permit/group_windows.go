package permit

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync/atomic"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"
)

// programGroup is a program with what it has started: a job object. Windows
// kills what is in it when the last handle to it is closed, so also when this
// process ends, however it ends: every program is tied.
type programGroup struct {
	job  windows.Handle
	sent atomic.Int32 // the signal that ended it
}

// killed is the exit code of what a signal has ended.
const killed = 1

// newGroup makes the job and prepares a program to be started outside of it,
// suspended, so that it can start nothing before it is in.
func newGroup(cmd *exec.Cmd, _ bool) (*programGroup, error) {
	job, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return nil, fmt.Errorf("make a job object: %w", err)
	}
	var limits windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION
	limits.BasicLimitInformation.LimitFlags = windows.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE
	_, err = windows.SetInformationJobObject(job, windows.JobObjectExtendedLimitInformation, uintptr(unsafe.Pointer(&limits)), uint32(unsafe.Sizeof(limits)))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("have a job object end with this process: %w", err), windows.CloseHandle(job))
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: windows.CREATE_SUSPENDED | windows.CREATE_NEW_PROCESS_GROUP}
	return &programGroup{job: job}, nil
}

// join puts the started program into the job and lets it run. One that cannot
// be put there is killed.
func (g *programGroup) join(process *os.Process) error {
	var inside error
	err := process.WithHandle(func(handle uintptr) { inside = windows.AssignProcessToJobObject(g.job, windows.Handle(handle)) })
	if err = errors.Join(err, inside); err == nil {
		err = resume(uint32(process.Pid))
	}
	if err != nil {
		return errors.Join(fmt.Errorf("put a program into a job object: %w", err), process.Kill())
	}
	return nil
}

// resume lets a suspended process run, which has one thread.
func resume(pid uint32) error {
	snapshot, err := windows.CreateToolhelp32Snapshot(windows.TH32CS_SNAPTHREAD, 0)
	if err != nil {
		return err
	}
	defer windows.CloseHandle(snapshot)
	entry := windows.ThreadEntry32{Size: uint32(unsafe.Sizeof(windows.ThreadEntry32{}))}
	for err = windows.Thread32First(snapshot, &entry); err == nil; err = windows.Thread32Next(snapshot, &entry) {
		if entry.OwnerProcessID != pid {
			continue
		}
		thread, err := windows.OpenThread(windows.THREAD_SUSPEND_RESUME, false, entry.ThreadID)
		if err != nil {
			return err
		}
		defer windows.CloseHandle(thread)
		_, err = windows.ResumeThread(thread)
		return err
	}
	return err
}

// kill ends all of the job: every signal that can be sent here does, as in Node.
// It reports whether there was something to end.
func (g *programGroup) kill(signal syscall.Signal) bool {
	g.sent.CompareAndSwap(0, int32(signal))
	return windows.TerminateJobObject(g.job, killed) == nil
}

func (g *programGroup) exit(state *os.ProcessState) Exit {
	code := state.ExitCode()
	if sent := syscall.Signal(g.sent.Load()); sent != 0 && code == killed {
		return Exit{Code: -1, Signal: signalName(sent)}
	}
	return Exit{Code: code}
}

// close lets go of the job, which ends what is left in it.
func (g *programGroup) close() { _ = windows.CloseHandle(g.job) }

// awaitExit cannot wait for a child without reaping it here; nor need it, for a
// job is another's at no time.
func awaitExit(int) bool { return false }

// signals are those that programs can be sent here.
var signals = map[string]syscall.Signal{
	"SIGINT": syscall.SIGINT, "SIGQUIT": syscall.SIGQUIT, "SIGKILL": syscall.SIGKILL, "SIGTERM": syscall.SIGTERM,
}

func signalName(signal syscall.Signal) string {
	for name, number := range signals {
		if number == signal {
			return name
		}
	}
	return ""
}

// SignalNumber returns a signal by its name, "SIGTERM"; 0 if programs cannot be
// sent it here.
func SignalNumber(name string) syscall.Signal { return signals[name] }

// CanSignal reports whether programs can be sent a signal.
func CanSignal(signal syscall.Signal) bool { return signalName(signal) != "" }
