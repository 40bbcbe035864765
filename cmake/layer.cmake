# coffer_layer(NAME DEPENDS...) makes the static library coffer_NAME out of every .cpp of its folder.
# DEPENDS are the layers it may use and outside libraries; tests/layers_test.py checks the includes.
function(coffer_layer NAME)
  file(GLOB SOURCES CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  if(NOT SOURCES)
    return()
  endif()
  add_library(coffer_${NAME} STATIC ${SOURCES})
  target_link_libraries(coffer_${NAME} PUBLIC ${ARGN})
endfunction()
