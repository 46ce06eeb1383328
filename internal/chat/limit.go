package chat

// Sizes that do not depend on the server's settings. Characters are Unicode
// code points.
const (
	MaxMessageCharacters = 10_000
	MaxMessageBytes      = 16 << 10
	MaxKey               = 64 // characters of a send key
	MaxRoomName          = 80
	MaxTopic             = 500
	MaxDisplayName       = 80
	MaxWorkspaceName     = 80
	MaxTokenName         = 80
	MaxPage              = 200
	DefaultPage          = 50
	MaxReactionKinds     = 20 // different emoji under one message
	MaxReactionUsers     = 8  // people named beside a reaction's count
	MaxEmojiBytes        = 64
	MaxMentions          = 50 // people whom one message can mention
	MaxReplay            = 5_000
	MaxMemberRooms       = 2_000 // rooms that one person can be in
)
