package prove

import (
	"os/exec"
	"syscall"
)

// dieWithParent has the kernel end the child when we are killed ourselves.
// The command has a SysProcAttr.
func dieWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
}
