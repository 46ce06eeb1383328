// Package userlist reads a list of people with passwords to start from: plain
// text with two lines a person, or CSV with a header. It makes no accounts
// and judges no names.
package userlist

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// Bounds of a list.
const (
	MaxBytes  = 16 << 20
	MaxPeople = 100_000
)

// Person is one entry.
type Person struct {
	Username string
	Password string
	Admin    bool
	Line     int // where the entry begins, from 1
}

// Read reads a list. A first line with the word "password" beside a comma
// makes it CSV, whose other columns are "username" (or "name") and perhaps
// "admin" (true or false); else each person is a line with the name, a line with the
// password, and a blank line before the next. Errors name the line and what
// is expected there; a list with an error gives nobody.
func Read(r io.Reader) ([]Person, error) {
	text, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	switch {
	case err != nil:
		return nil, err
	case len(text) > MaxBytes:
		return nil, fmt.Errorf("the list is larger than %d MiB; split it", MaxBytes>>20)
	case !utf8.Valid(text):
		return nil, errors.New("the list is not UTF-8 text; save it as UTF-8")
	}
	body := strings.TrimPrefix(string(text), "\ufeff")
	read := readPairs
	if isCSV(body) {
		read = readCSV
	}
	people, err := read(body)
	if err != nil {
		return nil, err
	}
	return people, check(people)
}

// check refuses what no list means.
func check(people []Person) error {
	if len(people) == 0 {
		return errors.New("the list is empty: write each name on a line, its password on the next, then a blank line")
	}
	if len(people) > MaxPeople {
		return fmt.Errorf("the list has more than %d people; split it", MaxPeople)
	}
	for _, p := range people {
		if p.Username == "" || p.Password == "" {
			return fmt.Errorf("line %d: a name and a password are expected", p.Line)
		}
	}
	return nil
}

// readPairs reads blocks of two lines. Blanks around a name do not count;
// those of a password do.
func readPairs(text string) ([]Person, error) {
	var people []Person
	var block []string
	begin := 0
	lines := bufio.NewScanner(strings.NewReader(text + "\n\n"))
	lines.Buffer(nil, 64<<10)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSuffix(lines.Text(), "\r")
		if strings.TrimSpace(line) != "" {
			if len(block) == 0 {
				begin = n
			}
			block = append(block, line)
			continue
		}
		if len(block) == 0 {
			continue
		}
		if len(block) != 2 {
			return nil, fmt.Errorf("line %d: two lines are expected here, a name and a password, then a blank line; there are %d", begin, len(block))
		}
		people = append(people, Person{Username: strings.TrimSpace(block[0]), Password: block[1], Line: begin})
		block = nil
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("line after %d: %w", begin, err)
	}
	return people, nil
}

func isCSV(text string) bool {
	header, _, _ := strings.Cut(text, "\n")
	columns := columnsOf(strings.Split(header, ","))
	return len(columns) > 1 && slices.Contains(columns, "password")
}

// columnsOf cleans the names in a header.
func columnsOf(header []string) []string {
	columns := make([]string, len(header))
	for i, name := range header {
		columns[i] = strings.ToLower(strings.Trim(strings.TrimSpace(name), `"`))
		if columns[i] == "name" {
			columns[i] = "username"
		}
	}
	return columns
}

func readCSV(text string) ([]Person, error) {
	reader := csv.NewReader(strings.NewReader(text))
	header, err := reader.Read()
	if err != nil {
		return nil, err
	}
	columns := columnsOf(header)
	for i, name := range columns {
		if name != "username" && name != "password" && name != "admin" {
			return nil, fmt.Errorf("line 1: the column %q is not known; use username, password and admin", name)
		}
		if slices.Contains(columns[:i], name) {
			return nil, fmt.Errorf("line 1: the column %q stands twice", name)
		}
	}
	var people []Person
	for {
		row, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return people, nil
		}
		if err != nil {
			return nil, err
		}
		line, _ := reader.FieldPos(0)
		p, err := person(columns, row, line)
		if err != nil {
			return nil, err
		}
		people = append(people, p)
	}
}

func person(columns, row []string, line int) (Person, error) {
	p := Person{Line: line}
	for i, name := range columns {
		switch name {
		case "username":
			p.Username = strings.TrimSpace(row[i])
		case "password":
			p.Password = row[i]
		case "admin":
			switch strings.ToLower(strings.TrimSpace(row[i])) {
			case "true", "yes", "1":
				p.Admin = true
			case "false", "no", "0", "":
			default:
				return Person{}, fmt.Errorf("line %d: admin is true or false, not %.20q", line, row[i])
			}
		}
	}
	return p, nil
}
