# cmake -D SOURCE=TREE -D GIVEN=[REVISION] -D FILE=OUTPUT -P WriteRevision.cmake
# Writes revision.cc.in as OUTPUT, which is left alone when it says so already: then nothing is compiled or linked.
# GIVEN goes before what git says; a tree without .git (an archive, an image's build) has nothing else.
set(revision "${GIVEN}")
if(revision STREQUAL "" AND EXISTS "${SOURCE}/.git")
  execute_process(
    COMMAND git --no-optional-locks -C "${SOURCE}" describe --always --dirty --abbrev=12 "--exclude=*"
    OUTPUT_VARIABLE revision OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
if(NOT revision MATCHES "^[0-9A-Za-z._+-]+$")
  if(NOT revision STREQUAL "")
    message(FATAL_ERROR "TIKHAUL_REVISION \"${revision}\": letters, digits, \".\", \"_\", \"+\" and \"-\" may stand in it")
  endif()
  set(revision "unknown")
endif()
configure_file("${SOURCE}/common/base/revision.cc.in" "${FILE}" @ONLY)
