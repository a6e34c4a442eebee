# The functions of find_package(KSearch). They only put words before the compiler and quiet two
# warnings, so a project configured with them builds the same way without an annotation, without a
# GPU, and with another compiler.
include_guard(GLOBAL)

# options against what nvcc says of `#pragma ksearch`: the host compiler's -Wall, cicc in kernel bodies
macro(_ksearch_quiet out)
  set(${out} -Xcompiler=-Wno-unknown-pragmas --diag-suppress=20199)
  set(${out} "$<$<COMPILE_LANG_AND_ID:CUDA,NVIDIA>:${${out}}>")
endmacro()

# checks MODE, LOCK and BUDGET; sets `words` to the launcher's words, ksnvcc first
function(_ksearch_words words mode lock budget)
  set(list "${KSEARCH_KSNVCC}")
  if(NOT "${mode}" STREQUAL "")
    if(NOT mode MATCHES "^(search|cached|require|off)$")
      message(FATAL_ERROR "KSearch: MODE ${mode} is not one of search, cached, require, off")
    endif()
    list(APPEND list "--ks-mode=${mode}")
  endif()
  if(NOT "${lock}" STREQUAL "")
    get_filename_component(lock "${lock}" ABSOLUTE BASE_DIR "${CMAKE_CURRENT_SOURCE_DIR}")
    list(APPEND list "--ks-lock=${lock}")
  endif()
  if(NOT "${budget}" STREQUAL "")
    if(NOT budget MATCHES "^[0-9]+(\\.[0-9]+)?(s|min|h)?$")
      message(FATAL_ERROR "KSearch: BUDGET ${budget} is no time: write 90s, 10min, 2h")
    endif()
    list(APPEND list "--ks-budget=${budget}")
  endif()
  set(${words} "${list}" PARENT_SCOPE)
endfunction()

# an earlier ksnvcc with its words is replaced; other launchers (ccache) stay behind it: in front of it
# they would keep the objects under a key that does not know the winners
function(_ksearch_prepend out launcher words)
  list(FILTER launcher EXCLUDE REGEX "^--ks-|(^|/)ksnvcc$")
  set(${out} "${words};${launcher}" PARENT_SCOPE)
  if(launcher STREQUAL "")
    set(${out} "${words}" PARENT_SCOPE)
  endif()
endfunction()

# Annotations count in the file that is compiled, not in files that it includes: a unity build (of CUDA
# since CMake 3.31) would silently lose them
function(_ksearch_keep_apart target)
  get_target_property(sources ${target} SOURCES)
  get_target_property(folder ${target} SOURCE_DIR)
  foreach(source IN LISTS sources)
    if(source MATCHES "\\.cu$")
      get_filename_component(source "${source}" ABSOLUTE BASE_DIR "${folder}")
      set_source_files_properties("${source}" TARGET_DIRECTORY ${target}
                                  PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
    endif()
  endforeach()
endfunction()

macro(_ksearch_arguments function)
  cmake_parse_arguments(_ks "HEADERS" "MODE;LOCK;BUDGET" "" ${ARGN})
  if(_ks_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "${function}: what is ${_ks_UNPARSED_ARGUMENTS}? "
                        "There are MODE, LOCK, BUDGET and HEADERS")
  endif()
  if(_ks_KEYWORDS_MISSING_VALUES)
    message(FATAL_ERROR "${function}: ${_ks_KEYWORDS_MISSING_VALUES} needs a value")
  endif()
  _ksearch_words(_ks_words "${_ks_MODE}" "${_ks_LOCK}" "${_ks_BUDGET}")
  if(_ks_HEADERS)
    list(APPEND _ks_words "--ks-headers")
  endif()
endmacro()

# ksearch_target(TARGET [MODE mode] [LOCK file] [BUDGET time] [HEADERS])
#
# TARGET's CUDA files are compiled through ksnvcc. MODE, LOCK, BUDGET and HEADERS stand for
# KSEARCH_MODE, KSEARCH_LOCK, KSEARCH_BUDGET and KSEARCH_HEADERS=1; LOCK is relative to the current source folder. CUDA files that the
# target has by now stay out of unity builds. Under Ninja, where
# a search may run, the target's compiles get the console: its progress is seen as it goes, and one
# search runs at a time.
function(ksearch_target target)
  if(NOT TARGET ${target})
    message(FATAL_ERROR "ksearch_target: there is no target '${target}'")
  endif()
  get_target_property(original ${target} ALIASED_TARGET)
  if(original)
    set(target ${original})
  endif()
  get_target_property(imported ${target} IMPORTED)
  get_target_property(type ${target} TYPE)
  if(imported OR type STREQUAL "INTERFACE_LIBRARY" OR type STREQUAL "UTILITY")
    message(FATAL_ERROR "ksearch_target: '${target}' compiles nothing")
  endif()
  _ksearch_arguments(ksearch_target ${ARGN})

  get_target_property(launcher ${target} CUDA_COMPILER_LAUNCHER)
  if(NOT launcher)
    set(launcher "")
  endif()
  _ksearch_prepend(launcher "${launcher}" "${_ks_words}")
  set_target_properties(${target} PROPERTIES CUDA_COMPILER_LAUNCHER "${launcher}")
  _ksearch_quiet(quiet)
  target_compile_options(${target} PRIVATE "${quiet}")
  _ksearch_keep_apart(${target})
  if(CMAKE_GENERATOR MATCHES "Ninja" AND "${_ks_MODE}" MATCHES "^(search)?$")
    set_target_properties(${target} PROPERTIES JOB_POOL_COMPILE console)
  endif()
endfunction()

# ksearch_enable([MODE mode] [LOCK file] [BUDGET time] [HEADERS])
#
# The same for every target that the calling folder and those below it make from here on; compiles
# stay parallel, and unity builds are for you to avoid (SKIP_UNITY_BUILD_INCLUSION).
macro(ksearch_enable)
  _ksearch_arguments(ksearch_enable ${ARGN})
  _ksearch_prepend(CMAKE_CUDA_COMPILER_LAUNCHER "${CMAKE_CUDA_COMPILER_LAUNCHER}" "${_ks_words}")
  _ksearch_quiet(_ks_quiet)
  add_compile_options("${_ks_quiet}")
endmacro()
