# find_package(KSearch): ksnvcc in a CMake build.
#
#   ksearch_target(TARGET [MODE mode] [LOCK file] [BUDGET time])   one target's CUDA files
#   ksearch_enable([MODE mode] [LOCK file] [BUDGET time])          all targets made after it
#   KSEARCH_GLOBAL=ON before find_package, or -DKSEARCH_GLOBAL=ON: ksearch_enable() at once
#
# KSEARCH_KSNVCC is the program; it defaults to the one that this file was installed with.
get_filename_component(_ksearch_prefix "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)
find_program(KSEARCH_KSNVCC ksnvcc HINTS "${_ksearch_prefix}/bin" NO_DEFAULT_PATH
             DOC "the ksnvcc that find_package(KSearch) puts before nvcc")
unset(_ksearch_prefix)
option(KSEARCH_GLOBAL "put ksnvcc before nvcc in all targets" OFF)

if(NOT KSEARCH_KSNVCC)
  set(KSearch_FOUND FALSE)
  set(KSearch_NOT_FOUND_MESSAGE "ksnvcc is not where it was installed: set KSEARCH_KSNVCC")
  return()
endif()

include("${CMAKE_CURRENT_LIST_DIR}/KSearch.cmake")
if(KSEARCH_GLOBAL)
  ksearch_enable()
endif()
