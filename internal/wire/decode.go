package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"

	"github.com/parley-chat/parley/internal/chat"
)

// InvalidJSON is the refusal of a body or frame that cannot be read.
func InvalidJSON(detail string) *chat.Error {
	return &chat.Error{Kind: chat.Invalid, Code: "invalid_json", Detail: detail}
}

// Decode reads one JSON object into the struct that v points at, more
// strictly than encoding/json: duplicate, unknown and wrongly cased keys,
// trailing data, and depth or number of keys beyond bounds are refused
// (chat.Invalid, code "invalid_json"). A client that misspells a field
// learns of it at once, and no two readers of one text can differ.
func Decode(data []byte, v any) error {
	keys, err := scan(data, maxKeys)
	if err != nil {
		return err
	}
	return decodeKnown(data, keys, v)
}

// decodeKnown reads what scan has passed.
func decodeKnown(data []byte, keys []string, v any) error {
	known := fieldsOf(reflect.TypeOf(v).Elem())
	for _, key := range keys {
		if !known[key] {
			return InvalidJSON(fmt.Sprintf("The field %.40q is not known here.", key))
		}
	}
	if err := json.Unmarshal(data, v); err != nil {
		return decodeProblem(err)
	}
	return nil
}

// decodeProblem names the field whose value has the wrong type.
func decodeProblem(err error) error {
	var refusal *chat.Error
	if errors.As(err, &refusal) {
		return refusal
	}
	var wrongType *json.UnmarshalTypeError
	if errors.As(err, &wrongType) {
		return InvalidJSON(fmt.Sprintf("The field %q cannot be a %s.", wrongType.Field, wrongType.Value))
	}
	return InvalidJSON("A value has the wrong type.")
}

var fieldCache sync.Map // reflect.Type -> map[string]bool

// fieldsOf gives the names that a struct's fields have in JSON.
func fieldsOf(t reflect.Type) map[string]bool {
	if known, ok := fieldCache.Load(t); ok {
		return known.(map[string]bool)
	}
	known := map[string]bool{}
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name != "" && name != "-" {
			known[name] = true
		}
	}
	fieldCache.Store(t, known)
	return known
}

// Int is a whole number that JavaScript can hold: written without fraction,
// exponent or minus zero, and between -(2^53-1) and 2^53-1.
type Int int64

const maxInt = 1<<53 - 1

// UnmarshalJSON reads the number.
func (n *Int) UnmarshalJSON(b []byte) error {
	value, err := parseInt(string(b))
	if err != nil {
		return err
	}
	*n = Int(value)
	return nil
}
