package prove

import (
	"os/exec"
	"syscall"
)

// dieWithParent has the kernel end the child when we are killed ourselves.
func dieWithParent(cmd *exec.Cmd) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
}
