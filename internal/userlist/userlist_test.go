package userlist_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/parley-chat/parley/internal/userlist"
)

func TestListsAreReadInBothForms(t *testing.T) {
	for name, text := range map[string]string{
		"pairs":                  "hana\na pass phrase\n\nbruno\n secret \n",
		"pairs of Windows":       "\ufeffhana\r\na pass phrase\r\n\r\n\r\nbruno\r\n secret \r\n\r\n",
		"csv":                    "username,password\nhana,a pass phrase\nbruno,\" secret \"\n",
		"csv, another order":     "Password,UserName,admin\na pass phrase,hana,\n\" secret \",bruno,no\n",
		"csv, name and password": "name, password\nhana,a pass phrase\nbruno,\" secret \"\n",
		"pairs without newline":  "hana\na pass phrase\n\nbruno\n secret ",
	} {
		people, err := userlist.Read(strings.NewReader(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for i := range people {
			people[i].Line = 0
		}
		want := []userlist.Person{{Username: "hana", Password: "a pass phrase"}, {Username: "bruno", Password: " secret "}}
		if !reflect.DeepEqual(people, want) {
			t.Errorf("%s: got %+v", name, people)
		}
	}
}

func TestACSVNamesAdministrators(t *testing.T) {
	people, err := userlist.Read(strings.NewReader("username,password,admin\nhana,x,yes\n"))
	if err != nil || !people[0].Admin {
		t.Errorf("got %+v, %v", people, err)
	}
}

func TestBrokenListsSayWhere(t *testing.T) {
	for text, want := range map[string]string{
		"":                                "the list is empty",
		"hana\n":                          "line 1: two lines are expected",
		"hana\npw\n\nbruno\npw\nextra":    "line 4: two lines are expected here, a name and a password, then a blank line; there are 3",
		"username,password\nhana\n":       "wrong number of fields",
		"username,password,age\n":         `the column "age" is not known`,
		"login,password\nhana,pw\n":       `the column "login" is not known`,
		"name,username,password\na,b,c\n": `the column "username" stands twice`,
		"username,password,admin\na,b,c":  "line 2: admin is true or false",
		"username,password\n,pw\n":        "line 2: a name and a password are expected",
		"\xff\xfe":                        "not UTF-8",
	} {
		if _, err := userlist.Read(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want one with %q", text, err, want)
		}
	}
}

func FuzzReadNeverGivesAnEmptyName(f *testing.F) {
	f.Add("hana\npw\n\nbruno\npw")
	f.Add("username,password\nhana,\"p\nw\"")
	f.Fuzz(func(t *testing.T, text string) {
		people, err := userlist.Read(strings.NewReader(text))
		for _, p := range people {
			if err != nil || p.Username == "" || p.Password == "" {
				t.Errorf("%+v, %v", p, err)
			}
		}
	})
}
