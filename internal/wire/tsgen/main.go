// Command tsgen writes the types of the web client from those of package
// wire: run `go generate ./internal/wire/...`, or `make generate`. The order
// is that of listing.go, the comments are those of the Go types.
package main

import (
	"fmt"
	"os"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: tsgen FOLDER-OF-WIRE FILE.ts")
		os.Exit(2)
	}
	if err := write(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "tsgen:", err)
		os.Exit(1)
	}
}

func write(wireFolder, path string) error {
	text, err := generate(wireFolder)
	if err != nil {
		return err
	}
	return os.WriteFile(path, []byte(text), 0o644)
}
