package chat

// The rules of access, one function each. They are asked inside the
// transaction that acts on the answer, with the facts read there.

// CanSeeRoom: open rooms are seen by everybody signed in, private ones by
// their members, and all by administrators, who look after them.
func CanSeeRoom(u User, r Room, m Membership) error {
	if u.Disabled {
		return ErrDisabled
	}
	if !r.Private || m.Joined || u.IsAdmin() {
		return nil
	}
	return ErrNotFound
}

// CanReadRoom: what is said in a private room is for its members alone, not
// even for administrators. They can let themselves in, which all see.
func CanReadRoom(u User, r Room, m Membership) error {
	if err := CanSeeRoom(u, r, m); err != nil {
		return err
	}
	if !r.Private || m.Joined {
		return nil
	}
	return ErrNotMember
}

// CanPost: members speak, while the room is not archived.
func CanPost(u User, r Room, m Membership) error {
	if err := CanSeeRoom(u, r, m); err != nil {
		return err
	}
	if !m.Joined {
		return ErrNotMember
	}
	if r.Archived {
		return ErrArchived
	}
	return nil
}

// CanEdit: one's own words, while one may speak.
func CanEdit(u User, r Room, m Membership, author UserID) error {
	if err := CanPost(u, r, m); err != nil {
		return err
	}
	if author != u.ID {
		return ErrNotYours
	}
	return nil
}

// CanDelete: one's own words, and any in a room that one administers.
func CanDelete(u User, r Room, m Membership, author UserID) error {
	if err := CanPost(u, r, m); err != nil {
		return err
	}
	if author != u.ID && !u.IsAdmin() {
		return ErrNotYours
	}
	return nil
}

// CanAddMember: anybody joins an open room; an administrator lets people,
// and themselves, into any.
func CanAddMember(u User, r Room, m Membership, subject UserID) error {
	if err := CanSeeRoom(u, r, m); err != nil {
		return err
	}
	if r.Archived {
		return ErrArchived
	}
	if u.IsAdmin() || (subject == u.ID && !r.Private) {
		return nil
	}
	if subject == u.ID {
		return ErrPrivateRoom
	}
	return ErrAdminsOnly
}

// CanRemoveMember: everybody may leave; an administrator may remove others.
func CanRemoveMember(u User, r Room, m Membership, subject UserID) error {
	if err := CanSeeRoom(u, r, m); err != nil {
		return err
	}
	if subject == u.ID || u.IsAdmin() {
		return nil
	}
	return ErrAdminsOnly
}

// CanAdminister: rooms are made, changed, archived and deleted, and people
// managed, by administrators.
func CanAdminister(u User) error {
	if u.Disabled {
		return ErrDisabled
	}
	if !u.IsAdmin() {
		return ErrAdminsOnly
	}
	return nil
}
