package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// file is a configuration file: one JSON object of settings by name.
type file struct {
	path   string
	values map[string]string
}

const maxFile = 1 << 20 // bytes

func readFile(path string, known map[string]bool) (*file, error) {
	content, err := readAtMost(path, maxFile)
	if err != nil {
		return nil, Wrong("config", "cannot be read: "+err.Error()+".")
	}
	values, err := parseFile(content, known)
	if err != nil {
		return nil, Wrong("config", path+": "+err.Error()+".")
	}
	return &file{path, values}, nil
}

func readAtMost(path string, most int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(content)) > most {
		err = fmt.Errorf("%s is larger than %d bytes", path, most)
	}
	return content, err
}

func parseFile(content []byte, known map[string]bool) (map[string]string, error) {
	if !json.Valid(content) {
		return nil, errors.New("this is no JSON")
	}
	d := json.NewDecoder(bytes.NewReader(content))
	d.UseNumber()
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		return nil, errors.New(`one JSON object is expected, such as {"addr": ":8080"}`)
	}
	values := map[string]string{}
	for d.More() {
		if err := parseSetting(d, known, values); err != nil {
			return nil, err
		}
	}
	return values, nil
}

// parseSetting reads one key and its value.
func parseSetting(d *json.Decoder, known map[string]bool, values map[string]string) error {
	key, err := d.Token()
	if err != nil {
		return err
	}
	name := fmt.Sprint(key)
	if !known[name] {
		return fmt.Errorf("the key %q is no setting; `parley config` lists them", name)
	}
	if _, twice := values[name]; twice {
		return fmt.Errorf("the key %q stands twice", name)
	}
	var value any
	if err := d.Decode(&value); err != nil {
		return err
	}
	text, ok := textOf(value)
	if !ok {
		return fmt.Errorf("the value of %q must be a text, a number or a list of texts", name)
	}
	values[name] = text
	return nil
}

// textOf writes a value as one would give it to the flag.
func textOf(value any) (string, bool) {
	switch value := value.(type) {
	case string:
		return value, true
	case json.Number:
		return value.String(), true
	case []any:
		parts := make([]string, len(value))
		for i, part := range value {
			text, ok := part.(string)
			if !ok {
				return "", false
			}
			parts[i] = text
		}
		return strings.Join(parts, ","), true
	}
	return "", false
}
