package wire

// Server is what everybody may know of a server, signed in or not.
type Server struct {
	Name        string `json:"name"` // of the workspace
	SetupNeeded bool   `json:"setup_needed"`
	SetupToken  bool   `json:"setup_token,omitempty"` // set-up asks for the token of its address
	Signup      string `json:"signup" ts:"Signup"`    // open, invite or closed
	Limits      Limits `json:"limits"`
	// For signed-in people only.
	Version string `json:"version,omitempty"`
	User    *User  `json:"user,omitempty"` // who asks
}

// Join is what an invitation's page shows to whoever has its code.
type Join struct {
	Workspace string `json:"workspace"`
	Inviter   string `json:"inviter,omitempty"` // name; missing when made by the shell
	People    int    `json:"people"`
}
