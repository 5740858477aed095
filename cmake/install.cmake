# cmake --install: program, library, headers, pkg-config file, man page, completion, models and
# experiments. A network by name is looked for in BENIGN_DATADIR/models.
include(GNUInstallDirs)
set(BENIGN_DATADIR ${CMAKE_INSTALL_FULL_DATADIR}/benign)
target_compile_definitions(benign_lib PRIVATE BENIGN_DATADIR="${BENIGN_DATADIR}")

install(TARGETS benign_lib ARCHIVE)
install(DIRECTORY models experiments DESTINATION ${CMAKE_INSTALL_DATADIR}/benign OPTIONAL)

# The doors, and what some of them are made of: all of base/, and the headers in DOOR_PARTS.
set(DOOR_PARTS curve/table.h guess/sampling.h)
file(GLOB DOORS CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}/src src/*/*.h)
foreach(header IN LISTS DOORS)
  string(REGEX REPLACE "/.*" "" room ${header})
  if(room STREQUAL "base" OR header STREQUAL "${room}/${room}.h" OR header IN_LIST DOOR_PARTS)
    install(FILES src/${header} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/benign/${room})
  endif()
endforeach()

# Only a static library is made: whoever links it links what it stands on.
set(PC_FOLDER ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
file(RELATIVE_PATH PC_PREFIX /prefix/${PC_FOLDER} /prefix)
configure_file(cmake/benign.pc.in benign.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/benign.pc DESTINATION ${PC_FOLDER})

if(TARGET benign)
  install(TARGETS benign RUNTIME)
  foreach(page IN ITEMS man completion)
    add_custom_command(OUTPUT ${CMAKE_BINARY_DIR}/benign.${page}
      COMMAND benign help --${page} > benign.${page}
      DEPENDS benign WORKING_DIRECTORY ${CMAKE_BINARY_DIR} VERBATIM)
  endforeach()
  add_custom_target(pages ALL
    DEPENDS ${CMAKE_BINARY_DIR}/benign.man ${CMAKE_BINARY_DIR}/benign.completion)
  install(FILES ${CMAKE_BINARY_DIR}/benign.man
    DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 RENAME benign.1)
  install(FILES ${CMAKE_BINARY_DIR}/benign.completion
    DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME benign)
endif()
