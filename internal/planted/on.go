//go:build planted

package planted

import (
	"fmt"
	"os"
	"slices"
)

// Bug is the one that is built in. It never changes while the program runs.
var Bug = chosen()

// chosen gives the bug that the environment names. A wrong name must not pass
// for a bug that nobody finds.
func chosen() Name {
	name := Name(os.Getenv("PLANTED_BUG"))
	if name != None && !slices.ContainsFunc(All(), func(p Planting) bool { return p.Name == name }) {
		panic(fmt.Sprintf("PLANTED_BUG: there is no bug %q", name))
	}
	return name
}
