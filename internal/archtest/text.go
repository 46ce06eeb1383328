package archtest

import (
	"bytes"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

// Folders that exist on somebody's machine only. Written in pieces, so that
// this file does not report itself.
var machinePath = regexp.MustCompile(`(^|[^\w.*~/-])/(` + strings.Join([]string{"work", "root", "farm"}, "|") + `)/`)

// Hosts that packages are fetched from: whoever builds chooses their own.
var registryHost = regexp.MustCompile(`(registry\.npm` + `js|registry\.yarn` + `pkg|proxy\.go` + `lang|sum\.go` + `lang|deb\.deb` + `ian|pypi\.o` + `rg)`)

// A lock file with addresses in it ties everybody to one registry.
var resolvedAddress = regexp.MustCompile(`"resolved": *"https?:`)

// CheckText reports machine paths and registry hosts in a text file that the
// repository tracks. Files with a zero byte are not text and pass.
func CheckText(name string, content []byte) []string {
	if bytes.IndexByte(content, 0) >= 0 {
		return nil
	}
	var found []string
	for number, line := range strings.Split(string(content), "\n") {
		for _, rule := range []*regexp.Regexp{machinePath, registryHost, resolvedAddress} {
			if match := rule.FindString(line); match != "" {
				found = append(found, fmt.Sprintf("%s:%d: %s", name, number+1, match))
			}
		}
	}
	return found
}

// Endings of the client's and the scripts' source, whose length has the same
// bound as that of Go files.
var boundedEndings = []string{".ts", ".tsx", ".css", ".mjs", ".sh"}

// Nobody writes these by hand; the phrase stands in their first lines.
var writtenByProgram = regexp.MustCompile(`(?i)do not edit`)

// CheckLength reports a source file in another language than Go that is too
// long, unless a program writes it.
func CheckLength(name string, content []byte) []string {
	lines := bytes.Count(content, []byte("\n"))
	if lines <= LongestFile || !slices.Contains(boundedEndings, path.Ext(name)) {
		return nil
	}
	if head := content[:min(len(content), 300)]; writtenByProgram.Match(head) {
		return nil
	}
	return []string{fmt.Sprintf("%s: %d lines, more than %d", name, lines, LongestFile)}
}
