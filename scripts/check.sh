#!/usr/bin/env bash
# What can be said about the code without running the product: `make check`.
set -euo pipefail
source "$(dirname "$0")/steps.sh"
source scripts/checks.sh

static_checks

[ ${#failed_steps[@]} -eq 0 ] || { printf 'failed: %s\n' "${failed_steps[@]}" && exit 1; }
