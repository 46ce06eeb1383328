package main

import (
	"os"
	"strings"
	"testing"
)

func TestTheClientsTypesAreThoseOfTheServer(t *testing.T) {
	want, err := generate("..")
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../../../web/src/wire/protocol.ts")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("web/src/wire/protocol.ts is out of date: run make generate")
	}
}

func TestTypesOutsideTheListingAreRefused(t *testing.T) {
	w := writer{names: names(nil)}
	type owner struct {
		Field struct{} `json:"field"`
	}
	if block, err := w.declare(part{name: "Owner", of: owner{}}); err == nil {
		t.Errorf("got %q, want an error", block)
	}
}

func TestOptionalFieldsAndLongCommentsAreWritten(t *testing.T) {
	type owner struct {
		A string  `json:"a,omitempty"`
		B *bool   `json:"b"`
		C float64 `json:"c" ts:"?Rate"`
		D string  `json:"-"`
	}
	w := writer{names: names(nil), docs: docs{"owner": "owner is " + strings.Repeat("word ", 30)}}
	block, err := w.declare(part{name: "Owner", of: owner{}})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"/**\n * Word word", "  a?: string;\n", "  b: boolean;\n", "  c?: Rate;\n"} {
		if !strings.Contains(block, want) {
			t.Errorf("%q is not in\n%s", want, block)
		}
	}
	if strings.Contains(block, "D") {
		t.Errorf("a field without a name in JSON is in\n%s", block)
	}
}
