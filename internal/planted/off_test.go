//go:build !planted

package planted_test

import (
	"testing"

	"github.com/parley-chat/parley/internal/planted"
)

// A constant: what depends on another bug is left out by the compiler.
const builtIn = planted.Bug

func TestAnOrdinaryBuildHasNoBug(t *testing.T) {
	if builtIn != planted.None {
		t.Errorf("it has %q", builtIn)
	}
}
