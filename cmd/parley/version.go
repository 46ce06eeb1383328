package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// version is set by the linker for releases.
var version = ""

type versionCommand struct{}

// Run prints the version in one line.
func (versionCommand) Run(sh *shell) error {
	_, err := fmt.Fprintf(sh.out, "parley %s (%s, %s/%s)\n", versionName(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

// versionName gives the release, or the commit that the program was built
// from.
func versionName() string {
	if version != "" {
		return version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	name := "development"
	if commit := settings["vcs.revision"]; commit != "" {
		name += " " + commit[:min(len(commit), 12)]
	}
	if settings["vcs.modified"] == "true" {
		name += "+changes"
	}
	return name
}
