# Steps of a long run: each is announced, timed and remembered, and the run
# goes on after one that failed. Sourced by check.sh and test.sh.

cd "$(dirname "${BASH_SOURCE[0]}")/.."
failed_steps=()
passed_steps=0

# step NAME COMMAND…: one step. Never ends the script.
step() {
	local name=$1 from=$SECONDS
	shift
	echo "==> $name"
	if "$@" </dev/null; then
		passed_steps=$((passed_steps + 1))
		echo "    $name: done in $((SECONDS - from)) s"
	else
		failed_steps+=("$name")
		echo "    $name: FAILED after $((SECONDS - from)) s"
	fi
}

tool() { go tool -modfile=tools.mod "$@"; }
