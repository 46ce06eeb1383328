package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/parley-chat/parley/internal/chat"
)

// maxBody bounds one call. A hundred users with the longest names and
// passwords fit.
const maxBody = 1 << 20

// none stands for "nothing" in a call or an answer.
type none struct{}

// Handler answers the calls of a Client. Put it on a socket that only the
// owner of the data directory can open: it asks nobody who they are.
func Handler(a Admin, log *slog.Logger) http.Handler {
	mux := http.NewServeMux()
	answer(mux, log, "AddUser", a.AddUser)
	answer(mux, log, "Users", without(a.Users))
	answer(mux, log, "SetPassword", silent(a.SetPassword))
	answer(mux, log, "DisableUser", a.DisableUser)
	answer(mux, log, "EnableUser", a.EnableUser)
	answer(mux, log, "ImportUsers", a.ImportUsers)
	answer(mux, log, "AddRoom", a.AddRoom)
	answer(mux, log, "Rooms", without(a.Rooms))
	answer(mux, log, "ArchiveRoom", silent(a.ArchiveRoom))
	answer(mux, log, "RestoreRoom", silent(a.RestoreRoom))
	answer(mux, log, "CreateInvite", a.CreateInvite)
	answer(mux, log, "AddToken", a.AddToken)
	answer(mux, log, "Tokens", without(a.Tokens))
	answer(mux, log, "RevokeToken", silent(a.RevokeToken))
	return mux
}

// without makes a call of one that takes nothing.
func without[Out any](do func(context.Context) (Out, error)) func(context.Context, none) (Out, error) {
	return func(ctx context.Context, _ none) (Out, error) { return do(ctx) }
}

// silent makes a call of one that gives nothing back.
func silent[In any](do func(context.Context, In) error) func(context.Context, In) (none, error) {
	return func(ctx context.Context, in In) (none, error) { return none{}, do(ctx, in) }
}

// reply is what goes back: Out, or why not.
type reply[Out any] struct {
	Out     Out
	Refusal *chat.Error `json:",omitempty"`
	Failure string      `json:",omitempty"` // what is no refusal, but a defect
}

func answer[In, Out any](mux *http.ServeMux, log *slog.Logger, name string, do func(context.Context, In) (Out, error)) {
	mux.HandleFunc("POST /"+name, func(w http.ResponseWriter, r *http.Request) {
		var in In
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(&in); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		out, err := do(r.Context(), in)
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(replyTo(out, err)); err != nil {
			log.Warn("could not answer on the control socket", "call", name, "error", err)
		}
	})
}

func replyTo[Out any](out Out, err error) reply[Out] {
	var refusal *chat.Error
	switch {
	case err == nil:
		return reply[Out]{Out: out}
	case errors.As(err, &refusal):
		return reply[Out]{Refusal: refusal}
	}
	return reply[Out]{Failure: fmt.Sprint(err)}
}
