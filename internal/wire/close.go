package wire

// CloseCode says why a socket was closed; one meaning each. Clients resume
// after 1006, 1012, 4008 and 4010.
type CloseCode uint16

// The codes.
const (
	CloseBye          CloseCode = 1000
	CloseProtocol     CloseCode = 1002 // protocol error: stop and report
	CloseBinary       CloseCode = 1003 // binary frame: stop and report
	CloseBadText      CloseCode = 1007 // invalid UTF-8: stop and report
	ClosePolicy       CloseCode = 1008 // floods, or no first op in time
	CloseTooBig       CloseCode = 1009 // frame beyond the limit
	CloseInternal     CloseCode = 1011 // back off
	CloseRestart      CloseCode = 1012 // come back with jitter
	CloseOverloaded   CloseCode = 1013 // reason "retry=SECONDS"
	CloseSessionEnded CloseCode = 4001 // to the sign-in page
	CloseNotAllowed   CloseCode = 4003 // this account may not use this server
	CloseSlow         CloseCode = 4008 // come back and resume
	CloseNoHeartbeat  CloseCode = 4010 // come back
	CloseTooMany      CloseCode = 4029 // reason "retry=SECONDS"
)
